package io.simmim.trainer.optimizer;

/**
 * The linear beginning that every schedule has. Update {@code updates} is the first one with the
 * base rate.
 *
 * @param first rate of update 0
 * @param base rate after the warm-up
 * @param updates length of the warm-up; 0 for none
 */
public record WarmUp(double first, double base, long updates) {
  /** Whether an update belongs to the warm-up. */
  boolean covers(long t) {
    return t < updates;
  }

  /** The rate of an update of the warm-up. */
  double rate(long t) {
    return first + (double) t * ((base - first) / updates);
  }

  /** The same to another base rate. */
  WarmUp scaledBy(double scale) {
    return new WarmUp(first, base * scale, updates);
  }
}
