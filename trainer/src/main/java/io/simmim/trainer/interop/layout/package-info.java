/** What the layouts of other libraries have in common. */
package io.simmim.trainer.interop.layout;
