/** A model: encoder, head and objective put together, as parameters and TorchScript source. */
package io.simmim.trainer.model;
