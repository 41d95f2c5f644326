/** Keys of what is looked at while a model is trained. */
package io.simmim.pipeline.config.watch;
