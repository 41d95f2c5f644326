package io.simmim.schemas;

import java.io.Serializable;
import java.util.List;

/**
 * Mean and standard deviation of the channels of images whose values lie between 0 and 1: what is
 * subtracted, and what then is divided by. It belongs to a model, whose weights were trained on
 * images shown like this.
 *
 * @param mean of red, green and blue, each from 0 to 1
 * @param deviation of red, green and blue, each from {@link #SMALLEST_DEVIATION} to {@link
 *     #LARGEST_DEVIATION}
 */
public record Normalization(List<Double> mean, List<Double> deviation) implements Serializable {
  public static final double SMALLEST_DEVIATION = 1e-3;
  public static final double LARGEST_DEVIATION = 10;

  /** ImageNet's, as in the official code. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  private static final int CHANNELS = 3;

  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    require("mean", mean, 0, 1);
    require("deviation", deviation, SMALLEST_DEVIATION, LARGEST_DEVIATION);
  }

  /**
   * The same of values that have other names where they come from.
   *
   * @throws IllegalArgumentException if there are not three, or one is out of range; with its name
   */
  public static Normalization named(
      String meanName, List<Double> mean, String deviationName, List<Double> deviation) {
    require(meanName, mean, 0, 1);
    require(deviationName, deviation, SMALLEST_DEVIATION, LARGEST_DEVIATION);
    return new Normalization(mean, deviation);
  }

  private static void require(String name, List<Double> values, double smallest, double largest) {
    if (values.size() != CHANNELS
        || !values.stream().allMatch(value -> value >= smallest && value <= largest)) {
      throw new IllegalArgumentException(
          "%s must be three numbers (red, green, blue) from %s to %s: %s"
              .formatted(name, smallest, largest, values));
    }
  }
}
