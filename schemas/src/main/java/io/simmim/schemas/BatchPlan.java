package io.simmim.schemas;

import java.io.Serializable;

/**
 * How the images of a run are cut into epochs, optimizer steps, micro-batches and chunks. Positions
 * count from 0 in each epoch; an epoch drops the last incomplete batch, as the official SimMIM
 * loader does. Chunks are numbered through the whole run and never cross a micro-batch.
 *
 * <p>A continuous run has no passes over its data: an epoch of it is a fixed number of steps, which
 * schedule, exports and random draws count by, and it goes on until it is stopped or given an end.
 *
 * @param images number of images N in the catalog; of a continuous run, those of an epoch
 * @param epochs number of epochs; {@link Integer#MAX_VALUE} marks a continuous run
 * @param microBatch images per forward and backward pass
 * @param accumulation micro-batches per optimizer step
 * @param chunkImages images per chunk; divides {@code microBatch}
 * @param totalSteps optimizer steps of the run
 */
public record BatchPlan(
    long images, int epochs, int microBatch, int accumulation, int chunkImages, long totalSteps)
    implements Serializable {
  /** More than any run takes, few enough that their chunks can be numbered. */
  private static final long ENDLESS = 1L << 40;

  public BatchPlan {
    if (epochs < 1 || microBatch < 1 || accumulation < 1 || chunkImages < 1) {
      throw new IllegalArgumentException(
          "training.epochs, training.micro-batch, training.accumulation and training.chunk-images must be at least 1: %d, %d, %d, %d"
              .formatted(epochs, microBatch, accumulation, chunkImages));
    }
    if (microBatch % chunkImages != 0) {
      throw new IllegalArgumentException(
          "training.chunk-images must divide training.micro-batch %d: %d"
              .formatted(microBatch, chunkImages));
    }
    if (images < (long) microBatch * accumulation) {
      throw new IllegalArgumentException(
          "the data set has fewer images than one batch of %d (training.micro-batch %d x training.accumulation %d): %d"
              .formatted((long) microBatch * accumulation, microBatch, accumulation, images));
    }
    if (totalSteps < 1 || totalSteps > ENDLESS) {
      throw new IllegalArgumentException(
          "steps of a run must be from 1 to %d: %d".formatted(ENDLESS, totalSteps));
    }
  }

  /** A run over a catalog: whole epochs. */
  public BatchPlan(long images, int epochs, int microBatch, int accumulation, int chunkImages) {
    this(
        images,
        epochs,
        microBatch,
        accumulation,
        chunkImages,
        // What cannot be divided is refused above.
        Math.max(1, images / Math.max(1, (long) microBatch * accumulation) * epochs));
  }

  /**
   * A run over images that keep arriving.
   *
   * @param epochSteps optimizer steps that count as an epoch
   */
  public static BatchPlan continuous(
      int epochSteps, int microBatch, int accumulation, int chunkImages) {
    return new BatchPlan(
        (long) epochSteps * microBatch * accumulation,
        Integer.MAX_VALUE,
        microBatch,
        accumulation,
        chunkImages,
        ENDLESS);
  }

  /** The same, ending after so many steps. */
  public BatchPlan endingAfter(long steps) {
    return new BatchPlan(images, epochs, microBatch, accumulation, chunkImages, steps);
  }

  /** Whether images keep arriving while the run goes on. */
  public boolean isContinuous() {
    return epochs == Integer.MAX_VALUE;
  }

  /** Whether the run ends by being stopped only. */
  public boolean isEndless() {
    return totalSteps == ENDLESS;
  }

  /** Most different images that can have been drawn up to and with a chunk. */
  public long drawnThrough(long chunk) {
    long draws = Math.multiplyExact(chunk + 1, chunkImages);
    return isContinuous() ? draws : Math.min(draws, images);
  }

  /** Images per optimizer step. */
  public int globalBatch() {
    return Math.multiplyExact(microBatch, accumulation);
  }

  public long stepsPerEpoch() {
    return images / globalBatch();
  }

  public int chunksPerMicroBatch() {
    return microBatch / chunkImages;
  }

  public long chunksPerStep() {
    return (long) chunksPerMicroBatch() * accumulation;
  }

  public long chunksPerEpoch() {
    return stepsPerEpoch() * chunksPerStep();
  }

  public long totalChunks() {
    return Math.multiplyExact(chunksPerStep(), totalSteps);
  }

  /** Epoch of a chunk, from 0. */
  public int epochOf(long chunk) {
    return (int) (chunk / chunksPerEpoch());
  }

  /** Position within its epoch of a chunk's first image. */
  public long firstPositionOf(long chunk) {
    return chunk % chunksPerEpoch() * chunkImages;
  }
}
