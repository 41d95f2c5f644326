package io.simmim.pipeline.rescale;

/**
 * What a job does at one moment.
 *
 * @param decoders parallelism of the tasks that decode
 * @param busyShare share of time that a decoder works, the mean of all; waiting for images to come
 *     or for the trainer to take them is not work
 * @param waitShare share of time that the trainer waits for data
 */
record JobLoad(int decoders, double busyShare, double waitShare) {
  JobLoad {
    if (decoders < 1) {
      throw new IllegalArgumentException("decoders must be at least 1: " + decoders);
    }
    if (!isShare(busyShare) || !isShare(waitShare)) {
      throw new IllegalArgumentException(
          "shares of time must be from 0 to 1: %s, %s".formatted(busyShare, waitShare));
    }
  }

  private static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }

  /**
   * Decoders that would feed a trainer that never waits. What the trainer takes now is what {@code
   * decoders * busyShare} of them make; without waiting it would take 1 / (1 - waitShare) of it.
   *
   * @param target share of time that a decoder should work
   */
  double needed(double target) {
    double waited = Math.min(waitShare, 1 - 1e-3);
    return decoders * busyShare / ((1 - waited) * target);
  }
}
