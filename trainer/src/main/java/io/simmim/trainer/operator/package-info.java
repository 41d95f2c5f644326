/**
 * The training loop as a Flink operator: chunks back in order, micro-batches, steps, checkpoint
 * state, export. The only package of this module that knows Flink.
 */
package io.simmim.trainer.operator;
