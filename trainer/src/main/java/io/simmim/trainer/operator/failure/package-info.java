/** What becomes of the job when training fails, and what libtorch says of it. */
package io.simmim.trainer.operator.failure;
