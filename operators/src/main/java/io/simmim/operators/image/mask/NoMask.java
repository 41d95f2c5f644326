package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;

/**
 * Masks nothing: what a model sees that is measured.
 *
 * @param gridSide side G of the mask grid
 */
public record NoMask(int gridSide) implements MaskStrategy {
  public NoMask {
    if (gridSide < 1) {
      throw new IllegalArgumentException("the side of a mask must be at least 1: " + gridSide);
    }
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    // Masks are zero where nothing is written.
  }
}
