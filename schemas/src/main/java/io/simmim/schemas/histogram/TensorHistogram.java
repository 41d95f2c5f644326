package io.simmim.schemas.histogram;

import java.util.Objects;

/**
 * How the values of one tensor were distributed in a step.
 *
 * @param step number of the step, from 1
 * @param epochMillis when it ended, milliseconds since 1970
 * @param tensor what it holds and its name, such as {@code weights/encoder.norm.weight}
 * @param values of it
 */
public record TensorHistogram(long step, long epochMillis, String tensor, ValueHistogram values) {
  public TensorHistogram {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(values, "values");
  }
}
