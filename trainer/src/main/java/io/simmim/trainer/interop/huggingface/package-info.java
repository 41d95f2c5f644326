/** How transformers lays out models. */
package io.simmim.trainer.interop.huggingface;
