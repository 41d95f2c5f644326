package io.simmim.schemas.histogram;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The buckets that TensorBoard's writers count values in: their limits grow by a tenth from 1e-12
 * to 1e20, the same below zero, with a limit at zero and the largest doubles as the outer ones. A
 * bucket has the values below its limit that are not below the limit before.
 */
public final class HistogramBuckets {
  private static final double FIRST = 1e-12;
  private static final double LAST = 1e20;
  private static final double GROWTH = 1.1;

  private static final List<Double> LIMITS = limits();

  private HistogramBuckets() {}

  private static List<Double> limits() {
    List<Double> above = new ArrayList<>();
    for (double limit = FIRST; limit < LAST; limit *= GROWTH) {
      above.add(limit);
    }
    above.add(Double.MAX_VALUE);
    List<Double> all = new ArrayList<>(above.stream().map(limit -> -limit).toList());
    Collections.reverse(all);
    all.add(0.0);
    all.addAll(above);
    return List.copyOf(all);
  }

  /** How many there are. */
  public static int count() {
    return LIMITS.size();
  }

  /** The limit of a bucket, from 0. */
  public static double limit(int bucket) {
    return LIMITS.get(bucket);
  }

  /**
   * The limits for values of single precision: each is the least float that is not below its limit,
   * so a float is below the one where it is below the other.
   */
  public static float[] floatLimits() {
    float[] limits = new float[count()];
    for (int i = 0; i < limits.length; i++) {
      double limit = limit(i);
      float rounded = (float) limit;
      limits[i] = rounded < limit ? Math.nextUp(rounded) : rounded;
    }
    return limits;
  }
}
