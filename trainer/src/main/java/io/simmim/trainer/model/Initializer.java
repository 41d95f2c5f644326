package io.simmim.trainer.model;

import io.simmim.schemas.Philox;

/**
 * Draws the first values of a parameter.
 *
 * <p>Values are a pure function of the generator, computed with {@link StrictMath}, so that a seed
 * means the same model on every machine.
 */
@FunctionalInterface
public interface Initializer {
  /** Fills the whole tensor, in row-major order. */
  void fill(float[] values, Philox random);

  /** The same value everywhere. */
  static Initializer constant(double value) {
    return (values, random) -> java.util.Arrays.fill(values, (float) value);
  }

  /** Uniform in ±bound. */
  static Initializer uniform(double bound) {
    return (values, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
    };
  }

  /**
   * Normal with the given standard deviation, cut at ± one standard deviation as the official ViT
   * does (timm's {@code trunc_normal_} with a = -std, b = std), then multiplied.
   *
   * @param factor 1, or less for the residual branches of deep blocks
   */
  static Initializer truncatedNormal(double std, double factor) {
    return (values, random) -> {
      for (int i = 0; i < values.length; i++) {
        // Marsaglia's polar method, one half of each pair; the cut keeps about two of three draws.
        double normal;
        do {
          normal = normal(random);
        } while (Math.abs(normal) > 1);
        values[i] = (float) (normal * std * factor);
      }
    };
  }

  private static double normal(Philox random) {
    while (true) {
      double u = 2 * random.nextDouble() - 1;
      double v = 2 * random.nextDouble() - 1;
      double square = u * u + v * v;
      if (square < 1 && square > 0) {
        return u * StrictMath.sqrt(-2 * StrictMath.log(square) / square);
      }
    }
  }
}
