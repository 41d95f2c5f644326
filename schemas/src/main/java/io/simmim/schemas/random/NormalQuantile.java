package io.simmim.schemas.random;

/**
 * The standard normal distribution by inversion: one uniform number per value.
 *
 * <p>Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 * Statistics 37 (1988), PPND16; without its outermost part, which begins at a probability of 1e-11.
 * Uses {@link StrictMath}: the same on every machine.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients as they were published
public final class NormalQuantile {
  /** Probability of [0, 1]. */
  public static final double HALF_MASS = 0.34134474606854293;

  private static final double CENTRE_HALF_MASS = 0.425;
  private static final double TAIL_START = 1.6;
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

  private static final double[] TAIL_NUMERATOR = {
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258e0,
    3.64784832476320460504e0,
    5.76949722146069140550e0,
    4.63033784615654529590e0,
    1.42343711074968357734e0
  };
  private static final double[] TAIL_DENOMINATOR = {
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940e0,
    2.05319162663775882187e0,
    1
  };

  private NormalQuantile() {}

  /**
   * The x for which the probability of [0, x] is q.
   *
   * @param q between −{@link #HALF_MASS} and {@link #HALF_MASS}
   */
  public static double central(double q) {
    double r = CENTRE - q * q;
    // (q a) / b: in this order a seed means the models that it always meant.
    return q * value(NUMERATOR, r) / value(DENOMINATOR, r);
  }

  /**
   * The x for which the probability of [0, x] is q.
   *
   * @param q further from ±1/2 than 2e-11
   */
  public static double of(double q) {
    if (Math.abs(q) <= CENTRE_HALF_MASS) {
      return central(q);
    }
    double r = StrictMath.sqrt(-StrictMath.log(0.5 - Math.abs(q))) - TAIL_START;
    return Math.copySign(value(TAIL_NUMERATOR, r) / value(TAIL_DENOMINATOR, r), q);
  }

  private static double value(double[] polynomial, double at) {
    double value = polynomial[0];
    for (int i = 1; i < polynomial.length; i++) {
      value = value * at + polynomial[i];
    }
    return value;
  }
}
