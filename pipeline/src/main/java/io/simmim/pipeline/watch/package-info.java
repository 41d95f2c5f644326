/** Pictures and measurements of a model while it is trained, made beside the training. */
package io.simmim.pipeline.watch;
