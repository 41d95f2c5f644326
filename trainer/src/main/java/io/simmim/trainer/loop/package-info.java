/** The training loop: micro-batches, steps, and those who listen. Knows no Flink. */
package io.simmim.trainer.loop;
