package io.simmim.trainer.mixing;

import io.simmim.schemas.random.Philox;

/**
 * Beta distributions by way of two gamma distributions (Marsaglia and Tsang, "A simple method for
 * generating gamma variables", ACM TOMS 26, 2000), with {@link StrictMath}: the same on every
 * machine.
 */
final class BetaDistribution {
  private BetaDistribution() {}

  /**
   * A number between 0 and 1.
   *
   * @param alpha both parameters, above 0
   */
  static double symmetric(double alpha, Philox random) {
    double first = logGamma(alpha, random);
    double second = logGamma(alpha, random);
    return 1 / (1 + StrictMath.exp(second - first));
  }

  /** The logarithm of a gamma variable: those of small shapes are less than any double. */
  private static double logGamma(double shape, Philox random) {
    // One of a shape that is larger by 1, times a power of a uniform one (section 6 of the paper).
    double d = shape + 1 - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double normal = random.nextGaussian();
      double root = 1 + c * normal;
      double uniform = 1 - random.nextDouble();
      if (root > 0) {
        double cube = root * root * root;
        double logCube = StrictMath.log(cube);
        if (StrictMath.log(uniform) < 0.5 * normal * normal + d * (1 - cube + logCube)) {
          return StrictMath.log(d) + logCube + StrictMath.log(1 - random.nextDouble()) / shape;
        }
      }
    }
  }
}
