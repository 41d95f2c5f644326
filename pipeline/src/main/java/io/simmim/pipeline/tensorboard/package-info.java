/** What TensorBoard reads of a run. */
package io.simmim.pipeline.tensorboard;
