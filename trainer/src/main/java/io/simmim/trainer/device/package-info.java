/** A model on its device: parameters, micro-batches as tensors, gradients and updates. */
package io.simmim.trainer.device;
