package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * How far a float32 computation may be from the exact one on any processor. By its instruction set
 * a library chooses kernels, and with them the order of sums and the last bits of functions, so a
 * number found on one machine says nothing of another.
 *
 * <p>The computation is done in float64, then again with each input changed by one unit roundoff of
 * float32, up or down at random. The largest change of a result is its condition: what one rounding
 * of everything does to it, much where a sum nearly cancels, little elsewhere. With the rounding of
 * the result itself it is the unit that errors are counted in: a float32 computation rounds at each
 * of its operations, and since these roundings add up like a random walk, {@link #ROUNDINGS} units
 * stand for several hundred operations in a row.
 */
public final class RoundingTolerance {
  private static final double UNIT_ROUNDOFF = 0x1p-24;
  private static final int ROUNDINGS = 32;
  private static final int DRAWS = 6;

  /**
   * A result that is so small beside the others is a difference of equal numbers on the way, which
   * changed inputs leave equal.
   */
  private static final double VANISHING = 0x1p-20;

  private final List<double[]> exact;
  private final double[] allowed;

  private RoundingTolerance(List<double[]> exact, double[] allowed) {
    this.exact = exact;
    this.allowed = allowed;
  }

  /**
   * Measures the condition of each result.
   *
   * @param inputs whose values are float32
   * @param computation in float64, from inputs to results
   */
  public static RoundingTolerance of(
      List<double[]> inputs, UnaryOperator<List<double[]>> computation) {
    Random random = new Random(1);
    List<double[]> exact = computation.apply(inputs);
    double[] allowed = new double[exact.size()];
    for (int draw = 0; draw < DRAWS; draw++) {
      List<double[]> moved = computation.apply(changed(inputs, random));
      for (int i = 0; i < allowed.length; i++) {
        double unit =
            distance(moved.get(i), exact.get(i))
                + UNIT_ROUNDOFF * (norm(List.of(exact.get(i))) + VANISHING * norm(exact));
        allowed[i] = Math.max(allowed[i], ROUNDINGS * unit);
      }
    }
    return new RoundingTolerance(exact, allowed);
  }

  private static List<double[]> changed(List<double[]> inputs, Random random) {
    List<double[]> changed = new ArrayList<>();
    for (double[] input : inputs) {
      double[] values = input.clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= random.nextBoolean() ? 1 + UNIT_ROUNDOFF : 1 - UNIT_ROUNDOFF;
      }
      changed.add(values);
    }
    return changed;
  }

  /** Results that are compared. */
  public int results() {
    return allowed.length;
  }

  /**
   * Fails if a result is farther from the exact one than rounding explains.
   *
   * @param result its place among the results
   * @param name what it is called
   * @param found as computed in float32
   */
  public void assertMetBy(int result, String name, float[] found) {
    double[] values = new double[found.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = found[i];
    }
    assertThat(values).as(name).hasSameSizeAs(exact.get(result));
    assertThat(distance(values, exact.get(result)))
        .as("distance of %s from the exact one", name)
        .isLessThanOrEqualTo(allowed[result]);
  }

  private static double norm(List<double[]> results) {
    return Math.sqrt(results.stream().flatMapToDouble(DoubleStream::of).map(x -> x * x).sum());
  }

  /** The Euclidean one. */
  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }
}
