/** What a run has left, as tests look at it. */
package io.simmim.pipeline.output;
