/** How weights and gradients are distributed, while a model is trained. */
package io.simmim.trainer.histogram;
