/** Writing of checkpoints beside training: how it ends, and what it takes. */
package io.simmim.trainer.operator.upload;
