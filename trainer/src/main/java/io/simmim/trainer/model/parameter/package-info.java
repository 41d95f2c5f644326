/** Names, shapes and first values of a model's tensors. */
package io.simmim.trainer.model.parameter;
