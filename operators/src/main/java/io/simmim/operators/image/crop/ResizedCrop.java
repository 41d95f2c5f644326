package io.simmim.operators.image.crop;

import java.util.Objects;

/**
 * What a sample shows of an image: a rectangle, resized, of which a square window is taken, perhaps
 * mirrored. Only what the window shows is computed.
 *
 * @param source the rectangle; no pixel outside of it is mixed in
 * @param scaledWidth pixels that the rectangle's width becomes
 * @param scaledHeight pixels that its height becomes
 * @param left first column of the window, in the resized rectangle
 * @param top first row of the window
 * @param size side S of the window
 * @param flip whether left and right are exchanged
 */
public record ResizedCrop(
    CropBox source,
    long scaledWidth,
    long scaledHeight,
    long left,
    long top,
    int size,
    Interpolation interpolation,
    boolean flip) {
  public ResizedCrop {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(interpolation, "interpolation");
    if (size < 1 || left < 0 || top < 0 || left > scaledWidth - size || top > scaledHeight - size) {
      throw new IllegalArgumentException(
          "a window of %d pixels at %d, %d must lie within %d x %d"
              .formatted(size, left, top, scaledWidth, scaledHeight));
    }
  }

  /** The whole of a rectangle, as a square. */
  public static ResizedCrop squeezed(CropBox source, int size, Interpolation interpolation) {
    return new ResizedCrop(source, size, size, 0, 0, size, interpolation, false);
  }

  /** The same with left and right exchanged. */
  public ResizedCrop flipped() {
    return new ResizedCrop(
        source, scaledWidth, scaledHeight, left, top, size, interpolation, !flip);
  }
}
