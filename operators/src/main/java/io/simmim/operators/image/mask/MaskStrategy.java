package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;
import java.io.Serializable;

/**
 * Chooses the masked patches of an image (SimMIM paper, section 3.2). The choice is a pure function
 * of the random numbers it is given, so of (seed, epoch, position).
 *
 * <p>Thread-safe: keeps nothing between two calls. A new strategy is one class, one constant of
 * {@link MaskType} and one case of {@link MaskConfig#strategyFor}.
 */
public interface MaskStrategy extends Serializable {
  /** Side G of the mask grid. */
  int gridSide();

  /**
   * Sets the masked patches of one image to 1: the same number for every image.
   *
   * @param random of the purpose MASK, at its first draw
   * @param masks (…, G, G), uint8, zero where this image goes
   * @param offset first element of this image
   */
  void mask(Philox random, byte[] masks, int offset);

  /** Number of patches G × G. */
  default int patches() {
    return gridSide() * gridSide();
  }
}
