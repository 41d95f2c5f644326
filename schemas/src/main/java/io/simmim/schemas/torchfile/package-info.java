/** Reading tensors in files of PyTorch ({@code torch.save}), without executing what is in them. */
package io.simmim.schemas.torchfile;
