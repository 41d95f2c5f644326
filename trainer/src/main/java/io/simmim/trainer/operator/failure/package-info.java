/** What becomes of a job when training or its GPU fails, and what libtorch says of it. */
package io.simmim.trainer.operator.failure;
