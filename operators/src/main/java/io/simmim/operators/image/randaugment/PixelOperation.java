package io.simmim.operators.image.randaugment;

import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.pixel.RgbPlanes;
import java.util.Objects;

/**
 * One operation on the pixels of an image, with its argument.
 *
 * @param argument degrees, bits, levels, a factor, or lines per line or side, as the type says
 * @param interpolation between pixels that are moved; of no meaning to types that move none
 */
public record PixelOperation(OperationType type, double argument, Interpolation interpolation) {
  public PixelOperation {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(interpolation, "interpolation");
    if (!Double.isFinite(argument)) {
      throw new IllegalArgumentException(
          "the argument of %s must be a number: %s".formatted(type.label(), argument));
    }
  }

  /**
   * Changes an image.
   *
   * @param fill red, green and blue of what a moved image leaves free, in levels
   */
  public void apply(RgbPlanes image, int[] fill) {
    if (type.isGeometric()) {
      type.transform(argument, image.width(), image.height()).apply(image, interpolation, fill);
    } else {
      type.changeLevels(image, argument);
    }
  }
}
