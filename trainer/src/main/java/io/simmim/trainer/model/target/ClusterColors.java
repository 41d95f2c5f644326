package io.simmim.trainer.model.target;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The colours that {@link TargetType#CLUSTERS} tells apart. Immutable.
 *
 * <p>Values are red, green, blue of each colour in turn, between 0 and 255.
 */
public final class ClusterColors implements Serializable {
  private static final long serialVersionUID = 1;

  /** No colours: other targets need none. */
  public static final ClusterColors NONE = new ClusterColors(new float[0]);

  private final float[] values;

  /**
   * @param values (count, 3), row-major
   */
  public ClusterColors(float[] values) {
    if (values.length % 3 != 0) {
      throw new IllegalArgumentException(
          "colours must have three values each: %d values".formatted(values.length));
    }
    for (float value : values) {
      if (!(value >= 0 && value <= 255)) {
        throw new IllegalArgumentException("a colour value must be between 0 and 255: " + value);
      }
    }
    this.values = values.clone();
  }

  public int count() {
    return values.length / 3;
  }

  /** (count, 3), row-major. */
  public float[] values() {
    return values.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClusterColors colors && Arrays.equals(values, colors.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return count() + " colours";
  }
}
