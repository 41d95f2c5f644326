package io.simmim.schemas;

import io.simmim.schemas.timing.ChunkTimes;
import java.util.List;
import java.util.Objects;

/**
 * Decoded, augmented and masked images of one chunk: the unit of transport to the trainer. Images
 * that could not be read are left out, so a chunk may be shorter than planned, or empty; which ones
 * depends on the data alone, so the training sequence stays a pure function of (seed, catalog).
 *
 * @param index number of the chunk in the whole run, from 0, without gaps
 * @param epoch epoch that the chunk belongs to, from 0
 * @param imageSize side S of the images, in pixels
 * @param maskSide side G of the mask grid, in mask patches (G = S / mask patch size)
 * @param sampleIds (m), catalog indices in the order of their positions
 * @param pixels (m, 3, S, S), uint8, RGB. Not copied: treat as read-only, as the other arrays
 * @param masks (m, G, G), uint8, 1 = masked
 * @param rejected the images of this chunk that could not be used
 * @param times when the images were ready
 */
public record TensorChunk(
    long index,
    int epoch,
    int imageSize,
    int maskSide,
    long[] sampleIds,
    byte[] pixels,
    byte[] masks,
    List<RejectedImage> rejected,
    ChunkTimes times) {
  public TensorChunk {
    Objects.requireNonNull(sampleIds, "sampleIds");
    Objects.requireNonNull(times, "times");
    rejected = List.copyOf(rejected);
    long images = sampleIds.length;
    if (pixels.length != images * 3 * imageSize * imageSize) {
      throw new IllegalArgumentException(
          "pixels of %d images must hold 3 x %d x %d bytes each: %d"
              .formatted(images, imageSize, imageSize, pixels.length));
    }
    if (masks.length != images * maskSide * maskSide) {
      throw new IllegalArgumentException(
          "masks of %d images must hold %d x %d bytes each: %d"
              .formatted(images, maskSide, maskSide, masks.length));
    }
  }

  /** A chunk that nobody timed. */
  public TensorChunk(
      long index,
      int epoch,
      int imageSize,
      int maskSide,
      long[] sampleIds,
      byte[] pixels,
      byte[] masks,
      List<RejectedImage> rejected) {
    this(index, epoch, imageSize, maskSide, sampleIds, pixels, masks, rejected, ChunkTimes.UNKNOWN);
  }

  /** The same chunk, ready at these times. */
  public TensorChunk at(ChunkTimes ready) {
    return new TensorChunk(
        index, epoch, imageSize, maskSide, sampleIds, pixels, masks, rejected, ready);
  }

  /** Number of usable images. */
  public int size() {
    return sampleIds.length;
  }
}
