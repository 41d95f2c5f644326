package io.simmim.schemas;

/**
 * Mean and standard deviation of the channels of images whose values lie between 0 and 1: what is
 * subtracted, and what then is divided by.
 */
public final class Normalization {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  private Normalization() {}

  /** ImageNet's means of red, green and blue, as in the official code. */
  public static double[] mean() {
    return MEAN.clone();
  }

  /** ImageNet's standard deviations of red, green and blue. */
  public static double[] deviation() {
    return DEVIATION.clone();
  }
}
