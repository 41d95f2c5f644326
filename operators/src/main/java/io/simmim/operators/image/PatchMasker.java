package io.simmim.operators.image;

import io.simmim.schemas.Philox;

/**
 * Masks exactly ceil(patches × ratio) patches of a grid, every set of that size being equally
 * likely, by a partial Fisher-Yates shuffle. Not thread-safe.
 */
final class PatchMasker {
  private final int masked;
  private final int[] identity;
  private final int[] order;

  /**
   * @param gridSide side G of the mask grid
   */
  PatchMasker(MaskConfig config, int gridSide) {
    int patches = gridSide * gridSide;
    masked = config.maskedPatches(patches);
    identity = new int[patches];
    for (int i = 0; i < patches; i++) {
      identity[i] = i;
    }
    order = new int[patches];
  }

  /** Number of patches G × G. */
  int patches() {
    return order.length;
  }

  /**
   * Sets the masked patches of one image to 1.
   *
   * @param random of the purpose MASK
   * @param masks (…, G, G), zero where this image goes
   * @param offset first element of this image
   */
  void mask(Philox random, byte[] masks, int offset) {
    System.arraycopy(identity, 0, order, 0, order.length);
    for (int i = 0; i < masked; i++) {
      int other = i + random.nextInt(order.length - i);
      int patch = order[other];
      order[other] = order[i];
      masks[offset + patch] = 1;
    }
  }
}
