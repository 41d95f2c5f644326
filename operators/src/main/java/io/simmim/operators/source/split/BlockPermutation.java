package io.simmim.operators.source.split;

import io.simmim.schemas.random.KeyedPermutation;
import io.simmim.schemas.random.Philox;

/**
 * An order that keeps neighbours together: the images, taken as a ring, are cut into blocks from a
 * place that each epoch draws anew, so that different neighbours meet and different images are left
 * over; a {@link KeyedPermutation} orders the blocks. Within a block images keep their order. Those
 * that fill no block come last, where an epoch drops its incomplete batch.
 *
 * <p>One block per epoch at most lies across the end of the ring. Immutable and thread-safe.
 */
final class BlockPermutation implements SampleOrder {
  private final long size;
  private final int blockImages;
  private final long first;
  private final KeyedPermutation blocks;

  /**
   * @param size number of images N, at least {@code blockImages}
   * @param blockImages images per block, at least 1
   */
  BlockPermutation(long seed, int epoch, long size, int blockImages) {
    if (blockImages < 1 || size < blockImages) {
      throw new IllegalArgumentException(
          "a block must have from 1 to %d images: %d".formatted(size, blockImages));
    }
    this.size = size;
    this.blockImages = blockImages;
    // Index 0 is KeyedPermutation's.
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, epoch, 1);
    long bits = (long) random.nextBits() << 32 | (random.nextBits() & 0xFFFFFFFFL);
    this.first = Long.remainderUnsigned(bits, size);
    this.blocks = new KeyedPermutation(seed, epoch, size / blockImages);
  }

  @Override
  public long imageAt(long position) {
    if (position < 0 || position >= size) {
      throw new IllegalArgumentException(
          "position must be from 0 to %d: %d".formatted(size - 1, position));
    }
    long block = position / blockImages;
    long inOrder =
        block < size / blockImages
            ? blocks.imageAt(block) * blockImages + position % blockImages
            : position;
    return (first + inOrder) % size;
  }
}
