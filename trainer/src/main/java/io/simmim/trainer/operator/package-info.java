/** The training loop as a Flink operator: its thread, and its state in a checkpoint. */
package io.simmim.trainer.operator;
