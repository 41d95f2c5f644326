package io.simmim.pipeline.reconstruct;

import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.schemas.random.Philox;

/**
 * Masks most of what is in the middle: four of five patches of the smallest central square that has
 * so many, any of them being equally likely.
 */
final class MostOfCentre implements MaskStrategy {
  private static final long serialVersionUID = 1;

  private final int gridSide;
  private final int masked;
  private final int[] square;

  /**
   * @param gridSide side G of the mask grid
   * @param masked number of masked patches, fewer than G × G
   */
  MostOfCentre(int gridSide, int masked) {
    this.gridSide = gridSide;
    this.masked = masked;
    int side = Math.min(gridSide, (int) Math.ceil(Math.sqrt(masked / 0.8)));
    int first = (gridSide - side) / 2;
    square = new int[side * side];
    for (int i = 0; i < square.length; i++) {
      square[i] = (first + i / side) * gridSide + first + i % side;
    }
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    int[] order = square.clone();
    for (int i = 0; i < masked; i++) {
      int other = i + random.nextInt(order.length - i);
      int patch = order[other];
      order[other] = order[i];
      masks[offset + patch] = 1;
    }
  }
}
