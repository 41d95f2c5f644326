/** Writes a model in the layout of another library, with what its users expect beside it. */
package io.simmim.pipeline.export;
