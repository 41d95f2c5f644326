package io.simmim.pipeline.config;

/**
 * How many unreadable images a run tolerates: it fails when more than both are rejected.
 *
 * @param maxShare largest share of rejected images, 0 to 1
 * @param minRejected number of rejected images from which the share counts
 */
public record RejectConfig(double maxShare, int minRejected) {
  public RejectConfig {
    if (!(maxShare >= 0 && maxShare <= 1)) {
      throw new IllegalArgumentException("max-share must be between 0 and 1: " + maxShare);
    }
    if (minRejected < 0) {
      throw new IllegalArgumentException("min-rejected must be at least 0: " + minRejected);
    }
  }
}
