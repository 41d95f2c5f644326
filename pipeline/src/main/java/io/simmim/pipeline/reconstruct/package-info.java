/** Pictures of what a model makes of masked images. */
package io.simmim.pipeline.reconstruct;
