/** Writing exported models in the safetensors format. */
package io.simmim.trainer.safetensors;
