/** AdamW's configuration, parameter groups and learning-rate schedules. */
package io.simmim.trainer.optimizer;
