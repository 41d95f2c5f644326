package io.simmim.trainer.parity;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;

/** Collects differences of several kinds and remembers the one that is worst for its tolerance. */
final class Agreement {
  private final String name;
  private double worstRatio = -1;
  private double worstDifference = Double.NaN;
  private String worst = "nothing was compared";
  private int count;

  Agreement(String name) {
    this.name = name;
  }

  /** Relative difference of two numbers. */
  void compare(String what, double found, double expected, double tolerance) {
    double scale = expected == 0 ? 1 : Math.abs(expected);
    add(what, Math.abs(found - expected) / scale, tolerance);
  }

  /** {@link #distance}. */
  void compare(String what, float[] found, float[] expected, double tolerance) {
    if (found.length != expected.length) {
      add(what + " has " + found.length + " values, not " + expected.length, 1, 0);
      return;
    }
    add(what, distance(found, expected), tolerance);
  }

  /** Largest difference of two values. */
  void within(String what, float[] found, float[] expected, double tolerance) {
    if (found.length != expected.length) {
      add(what + " has " + found.length + " values, not " + expected.length, 1, 0);
      return;
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
    }
    add(what, largest, tolerance);
  }

  /** ‖found − expected‖ / ‖expected‖ of arrays of one length. */
  static double distance(float[] found, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = (double) found[i] - expected[i];
      difference += d * d;
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(difference / (norm == 0 ? 1 : norm));
  }

  /** Something that must hold. */
  void require(String what, boolean holds) {
    add(what, holds ? 0 : Double.POSITIVE_INFINITY, 1);
  }

  private void add(String what, double difference, double tolerance) {
    count++;
    double ratio = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference / tolerance;
    if (ratio > worstRatio) {
      worstRatio = ratio;
      worstDifference = difference;
      worst = what;
    }
  }

  ParityRow row() {
    return new ParityRow(
        name,
        count > 0 && worstRatio <= 1 ? Outcome.OK : Outcome.DIFFERS,
        worstDifference,
        "%d compared, worst: %s".formatted(count, worst));
  }
}
