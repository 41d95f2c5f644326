package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;

/**
 * Masks one square region (SimMIM paper, section 3.2: the central region of Pathak et al., "Context
 * Encoders", 2016, which the paper lets move over the image).
 *
 * <p>The paper's ratios give whole squares: on 6 × 6 patches 0.11, 0.25, 0.44 and 0.69 mask 2 × 2
 * to 5 × 5. Other ratios are not in it, and are interpreted here: what is left over the largest
 * square of k × k patches extends it, first down its right side, then leftwards below it. So the
 * region is connected, fits into (k + 1) × (k + 1), and has exactly as many patches as the ratio
 * says.
 */
final class SquareMask implements MaskStrategy {
  private static final long serialVersionUID = 1;

  private final int gridSide;
  private final SquarePlace place;

  /** Rows and columns of the region's patches, from its upper left corner. */
  private final int[] rows;

  private final int[] columns;
  private final int height;
  private final int width;

  /**
   * @param gridSide side G of the mask grid
   * @param masked number of masked patches
   */
  SquareMask(int gridSide, int masked, SquarePlace place) {
    this.gridSide = gridSide;
    this.place = place;
    int side = (int) Math.sqrt(masked);
    rows = new int[masked];
    columns = new int[masked];
    for (int i = 0; i < masked; i++) {
      int extra = i - side * side;
      boolean right = extra >= 0 && extra <= side;
      rows[i] = extra < 0 ? i / side : right ? extra : side;
      columns[i] = extra < 0 ? i % side : right ? side : 2 * side - extra;
    }
    int extras = masked - side * side;
    // The right side is complete with k patches; the next is the corner, which begins a new row.
    width = side + (extras > 0 ? 1 : 0);
    height = side + (extras > side ? 1 : 0);
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    boolean central = place == SquarePlace.CENTRAL;
    int top = central ? (gridSide - height) / 2 : random.nextInt(gridSide - height + 1);
    int left = central ? (gridSide - width) / 2 : random.nextInt(gridSide - width + 1);
    for (int i = 0; i < rows.length; i++) {
      masks[offset + (top + rows[i]) * gridSide + left + columns[i]] = 1;
    }
  }
}
