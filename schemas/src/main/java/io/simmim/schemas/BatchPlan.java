package io.simmim.schemas;

import java.io.Serializable;

/**
 * How the images of a run are cut into epochs, optimizer steps, micro-batches and chunks. Positions
 * count from 0 in each epoch; an epoch drops the last incomplete batch, as the official SimMIM
 * loader does. Chunks are numbered through the whole run and never cross a micro-batch.
 *
 * @param images number of images N in the catalog
 * @param epochs number of epochs
 * @param microBatch images per forward and backward pass
 * @param accumulation micro-batches per optimizer step
 * @param chunkImages images per chunk; divides {@code microBatch}
 */
public record BatchPlan(long images, int epochs, int microBatch, int accumulation, int chunkImages)
    implements Serializable {

  public BatchPlan {
    if (epochs < 1 || microBatch < 1 || accumulation < 1 || chunkImages < 1) {
      throw new IllegalArgumentException(
          "epochs, micro-batch, accumulation and chunk-images must be at least 1: %d, %d, %d, %d"
              .formatted(epochs, microBatch, accumulation, chunkImages));
    }
    if (microBatch % chunkImages != 0) {
      throw new IllegalArgumentException(
          "chunk-images must divide micro-batch %d: %d".formatted(microBatch, chunkImages));
    }
    if (images < (long) microBatch * accumulation) {
      throw new IllegalArgumentException(
          "the data set has fewer images than one batch of %d (micro-batch %d x accumulation %d): %d"
              .formatted((long) microBatch * accumulation, microBatch, accumulation, images));
    }
  }

  /** Images per optimizer step. */
  public int globalBatch() {
    return Math.multiplyExact(microBatch, accumulation);
  }

  public long stepsPerEpoch() {
    return images / globalBatch();
  }

  public long totalSteps() {
    return Math.multiplyExact(stepsPerEpoch(), epochs);
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
    return Math.multiplyExact(chunksPerEpoch(), epochs);
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
