/** How tensors are called and cut in the layouts of other libraries. */
package io.simmim.trainer.interop.names;
