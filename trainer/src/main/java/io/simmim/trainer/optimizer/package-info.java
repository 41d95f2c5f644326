/** The optimizer: AdamW, its parameter groups, and schedules of its learning rate. */
package io.simmim.trainer.optimizer;
