package io.simmim.trainer.model.head;

/** What turns features into predictions (SimMIM paper, section 3.3 and table 2). */
public enum HeadType {
  /** One linear layer per cell: the paper's choice. */
  LINEAR,
  /** Two linear layers per cell with a GELU between them. */
  MLP,
  /** Swin-T from its last stage to its first. */
  INVERSE_SWIN_TINY,
  /** Swin-B from its last stage to its first. */
  INVERSE_SWIN_BASE;

  /** Whether the head is a Swin itself. */
  public boolean isInverseSwin() {
    return this == INVERSE_SWIN_TINY || this == INVERSE_SWIN_BASE;
  }
}
