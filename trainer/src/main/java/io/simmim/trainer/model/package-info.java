/** Encoders: their parameters, initial values and TorchScript sources. */
package io.simmim.trainer.model;
