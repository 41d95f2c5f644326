package io.simmim.trainer.model.parameter;

/**
 * The standard normal distribution between −1 and 1 by inversion: one uniform number per value.
 *
 * <p>Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 * Statistics 37 (1988), PPND16; only its central part is needed here.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients as they were published
final class TruncatedNormal {
  /** Probability of [0, 1]. */
  static final double HALF_MASS = 0.34134474606854293;

  private static final double CENTRE = 0.180625;
  private static final double[] NUMERATOR = {
    2.5090809287301226727e3,
    3.3430575583588128105e4,
    6.7265770927008700853e4,
    4.5921953931549871457e4,
    1.3731693765509461125e4,
    1.9715909503065514427e3,
    1.3314166789178437745e2,
    3.3871328727963666080e0
  };
  private static final double[] DENOMINATOR = {
    5.2264952788528545610e3,
    2.8729085735721942674e4,
    3.9307895800092710610e4,
    2.1213794301586595867e4,
    5.3941960214247511077e3,
    6.8718700749205790830e2,
    4.2313330701600911252e1,
    1
  };

  private TruncatedNormal() {}

  /**
   * The x for which the probability of [0, x] is q.
   *
   * @param q between −{@link #HALF_MASS} and {@link #HALF_MASS}
   */
  static double quantile(double q) {
    double r = CENTRE - q * q;
    double above = NUMERATOR[0];
    double below = DENOMINATOR[0];
    for (int i = 1; i < NUMERATOR.length; i++) {
      above = above * r + NUMERATOR[i];
      below = below * r + DENOMINATOR[i];
    }
    return q * above / below;
  }
}
