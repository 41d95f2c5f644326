package io.simmim.trainer.loop;

import java.io.Serializable;

/**
 * How many images of the catalog may turn out unusable before the job fails.
 *
 * @param minRejected so many are always allowed
 * @param maxShare largest share of the images drawn so far, 0 to 1
 */
public record RejectionLimit(int minRejected, double maxShare) implements Serializable {
  public RejectionLimit {
    if (minRejected < 0) {
      throw new IllegalArgumentException("reject.min-rejected must be at least 0: " + minRejected);
    }
    if (!(maxShare >= 0 && maxShare <= 1)) {
      throw new IllegalArgumentException("reject.max-share must be between 0 and 1: " + maxShare);
    }
  }

  /**
   * The largest number allowed once so many different images were drawn.
   *
   * @param drawn different images drawn since the beginning of the run
   */
  double allowedOf(long drawn) {
    return Math.max(minRejected, maxShare * drawn);
  }
}
