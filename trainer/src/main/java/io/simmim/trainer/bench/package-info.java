/** Measures the training step alone. */
package io.simmim.trainer.bench;
