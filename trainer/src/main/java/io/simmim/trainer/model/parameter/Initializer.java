package io.simmim.trainer.model.parameter;

import io.simmim.schemas.random.NormalQuantile;
import io.simmim.schemas.random.Philox;
import java.util.Arrays;

/**
 * Draws the first values of a parameter.
 *
 * <p>Values are a pure function of the generator, computed with the four basic operations and
 * {@link StrictMath} alone, so that a seed means the same model on every machine.
 */
@FunctionalInterface
public interface Initializer {
  /** Fills the whole tensor, in row-major order. */
  void fill(float[] values, Philox random);

  /** The same value everywhere. */
  static Initializer constant(double value) {
    return (values, random) -> Arrays.fill(values, (float) value);
  }

  /** Uniform with the variance of Glorot and Bengio (AISTATS 2010), of a linear layer. */
  static Initializer xavierUniform(long outputs, long inputs) {
    return uniform(StrictMath.sqrt(6.0 / (outputs + inputs)));
  }

  /** Given values. */
  static Initializer values(float[] given) {
    return (values, random) -> System.arraycopy(given, 0, values, 0, values.length);
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
   * Normal with the given standard deviation. timm's {@code trunc_normal_} with its default bounds
   * cuts at ± 2, a hundred standard deviations out.
   */
  static Initializer normal(double std) {
    return (values, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * std);
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
        double q = (2 * random.nextDouble() - 1) * NormalQuantile.HALF_MASS;
        values[i] = (float) (NormalQuantile.central(q) * std * factor);
      }
    };
  }
}
