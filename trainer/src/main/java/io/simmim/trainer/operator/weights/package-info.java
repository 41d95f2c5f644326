/** Weights that users give, read where a model is made. */
package io.simmim.trainer.operator.weights;
