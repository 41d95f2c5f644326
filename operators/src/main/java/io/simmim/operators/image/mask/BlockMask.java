package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;

/**
 * Masks blocks of patches until enough are masked (Bao et al., "BEiT: BERT Pre-Training of Image
 * Transformers", section 2.3 and algorithm 1; SimMIM paper, section 3.2). A block's area s is
 * uniform between 16 patches and what remains to be masked, its aspect ratio r log-uniform between
 * 0.3 and 1/0.3, its height √(s·r), its width √(s/r), its place uniform. Blocks may overlap. Uses
 * StrictMath, so that every machine draws the same.
 *
 * <p>Interpreted, since the text leaves it open:
 *
 * <ul>
 *   <li>"Uniform" over an interval that is symmetric around 1 only in the logarithm is log-uniform.
 *   <li>Height and width are rounded to whole patches. A block is drawn again if, rounded, it does
 *       not fit the grid, has fewer than 16 patches, or a ratio outside the limits.
 *   <li>If fewer than 16 patches remain, s is 16.
 *   <li>Algorithm 1 stops above its count, by as much as the last block brings. Here the last block
 *       is cut, rows from its top or from its bottom, so that each image has exactly the count that
 *       the ratio says, as with the other strategies.
 * </ul>
 */
final class BlockMask implements MaskStrategy {
  private static final long serialVersionUID = 1;

  static final int MIN_PATCHES = 16;
  static final double MIN_ASPECT = 0.3;

  private static final double LOG_ASPECT = StrictMath.log(1 / MIN_ASPECT);

  /** Side of the smallest grid that has room for a block. */
  static final int MIN_GRID_SIDE = 4;

  /** Rounding may not turn a ratio at the limit into one beyond it. */
  private static final double TOLERANCE = 1e-9;

  private final int gridSide;
  private final int masked;

  /** A rectangle of patches. */
  record Block(int top, int left, int height, int width) {}

  /**
   * @param gridSide side G of the mask grid, at least 4
   * @param masked number of masked patches
   */
  BlockMask(int gridSide, int masked) {
    requireRoom(gridSide);
    this.gridSide = gridSide;
    this.masked = masked;
  }

  /** Refuses grids that have no room for a block. */
  static void requireRoom(int gridSide) {
    if (gridSide < MIN_GRID_SIDE) {
      throw new IllegalArgumentException(
          "mask.strategy block needs at least %d x %d mask patches, its smallest block: %d x %d"
              .formatted(MIN_GRID_SIDE, MIN_GRID_SIDE, gridSide, gridSide));
    }
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void mask(Philox random, byte[] masks, int offset) {
    int remaining = masked;
    while (remaining > 0) {
      Block block = draw(random, remaining);
      boolean upwards = random.nextInt(2) == 1;
      int area = block.height() * block.width();
      for (int i = 0; i < area && remaining > 0; i++) {
        int cell = upwards ? area - 1 - i : i;
        int at =
            offset
                + (block.top() + cell / block.width()) * gridSide
                + (block.left() + cell % block.width());
        if (masks[at] == 0) {
          masks[at] = 1;
          remaining--;
        }
      }
    }
  }

  /** A block for the patches that remain. Ends: an aspect ratio near 1 always gives a legal one. */
  Block draw(Philox random, int remaining) {
    while (true) {
      double most = Math.max(MIN_PATCHES, remaining);
      double area = MIN_PATCHES + random.nextDouble() * (most - MIN_PATCHES);
      double logAspect = (2 * random.nextDouble() - 1) * LOG_ASPECT;
      double aspect = StrictMath.exp(logAspect);
      int height = (int) Math.round(Math.sqrt(area * aspect));
      int width = (int) Math.round(Math.sqrt(area / aspect));
      if (isLegal(height, width)) {
        int top = random.nextInt(gridSide - height + 1);
        int left = random.nextInt(gridSide - width + 1);
        return new Block(top, left, height, width);
      }
    }
  }

  private boolean isLegal(int height, int width) {
    double shorter = Math.min(height, width);
    double longer = Math.max(height, width);
    return longer <= gridSide
        && height * width >= MIN_PATCHES
        && shorter / longer >= MIN_ASPECT - TOLERANCE;
  }
}
