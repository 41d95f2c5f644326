/**
 * Weights that others computed: reading them, under which names, and how they are made to fit a
 * model.
 */
package io.simmim.trainer.weights;
