package io.simmim.operators.arrival.log;

/**
 * What the sequence of a continuous run depends on besides its arrivals: the first record of its
 * log.
 *
 * @param seed the run's seed
 * @param replayShare share of replayed images among those of chunks that follow the pattern, from 0
 *     to below 1
 * @param chunkImages images per chunk
 * @param chunksPerStep chunks per optimizer step
 */
public record ArrivalLogHeader(long seed, double replayShare, int chunkImages, long chunksPerStep) {
  public ArrivalLogHeader {
    if (!(replayShare >= 0 && replayShare < 1)) {
      throw new IllegalArgumentException(
          "continuous.replay-share must be at least 0 and below 1: " + replayShare);
    }
    if (chunkImages < 1 || chunksPerStep < 1) {
      throw new IllegalArgumentException(
          "training.chunk-images and chunks per step must be at least 1: %d, %d"
              .formatted(chunkImages, chunksPerStep));
    }
  }
}
