package io.simmim.trainer.model.encoder;

/** Where the learnable bias of attention by relative position lives. */
public enum RelativePositionBias {
  NONE,
  /** One table for all blocks ({@code encoder.rel_pos_bias}). */
  SHARED,
  /** A table in each block ({@code encoder.blocks.i.attn}). */
  PER_BLOCK
}
