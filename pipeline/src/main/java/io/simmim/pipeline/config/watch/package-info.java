/** Keys of what people see of a run while it goes on. */
package io.simmim.pipeline.config.watch;
