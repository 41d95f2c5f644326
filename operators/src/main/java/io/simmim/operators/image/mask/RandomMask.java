package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;

/**
 * Masks any patches of a grid, every set of a size being equally likely, by a partial Fisher-Yates
 * shuffle.
 */
final class RandomMask implements MaskStrategy {
  private static final long serialVersionUID = 1;

  private final int gridSide;
  private final int masked;
  private final int[] identity;

  /**
   * @param gridSide side G of the mask grid
   * @param masked number of masked patches
   */
  RandomMask(int gridSide, int masked) {
    this.gridSide = gridSide;
    this.masked = masked;
    identity = new int[gridSide * gridSide];
    for (int i = 0; i < identity.length; i++) {
      identity[i] = i;
    }
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    int[] order = identity.clone();
    for (int i = 0; i < masked; i++) {
      int other = i + random.nextInt(order.length - i);
      int patch = order[other];
      order[other] = order[i];
      masks[offset + patch] = 1;
    }
  }
}
