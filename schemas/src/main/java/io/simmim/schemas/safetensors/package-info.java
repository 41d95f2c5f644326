/** Reading tensors in the safetensors format. */
package io.simmim.schemas.safetensors;
