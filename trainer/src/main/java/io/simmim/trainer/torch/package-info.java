/** libtorch from Java: loading it, and running TorchScript that is given as source text. */
package io.simmim.trainer.torch;
