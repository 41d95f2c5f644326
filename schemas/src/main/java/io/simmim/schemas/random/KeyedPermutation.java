package io.simmim.schemas.random;

/**
 * The order of the images in one epoch: a bijection on [0, N) per (seed, epoch), computed per
 * position, so that no permutation is stored. A Feistel network of {@value #ROUNDS} rounds permutes
 * the next power of two; positions that leave the range are sent through it again until they are
 * back (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002), at
 * most two times on average. The round keys are drawn from Philox once per epoch; the round
 * function is the finalizer of SplitMix64 (Steele et al., OOPSLA 2014).
 *
 * <p>Immutable and thread-safe.
 */
public final class KeyedPermutation {
  private static final int ROUNDS = 12;
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long size;
  private final int lowBits;
  private final long lowMask;
  private final long highMask;
  private final long[] keys = new long[ROUNDS];

  /**
   * @param size number of images N, at least 1
   */
  public KeyedPermutation(long seed, int epoch, long size) {
    if (size < 1) {
      throw new IllegalArgumentException("a permutation must have at least 1 element: " + size);
    }
    this.size = size;
    int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
    this.lowBits = bits / 2;
    this.lowMask = (1L << lowBits) - 1;
    this.highMask = (1L << (bits - lowBits)) - 1;
    Philox random = new Philox(seed, Philox.Purpose.SHUFFLE, epoch, 0);
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = ((long) random.nextBits() << 32) | (random.nextBits() & 0xFFFFFFFFL);
    }
  }

  /**
   * The image at a position.
   *
   * @param position from 0 to N - 1
   * @return from 0 to N - 1
   */
  public long imageAt(long position) {
    if (position < 0 || position >= size) {
      throw new IllegalArgumentException(
          "position must be from 0 to %d: %d".formatted(size - 1, position));
    }
    long image = position;
    do {
      image = encrypt(image);
    } while (image >= size);
    return image;
  }

  private long encrypt(long value) {
    long low = value & lowMask;
    long high = value >>> lowBits;
    for (int round = 0; round < ROUNDS; round += 2) {
      high ^= mix(low, keys[round]) & highMask;
      low ^= mix(high, keys[round + 1]) & lowMask;
    }
    return high << lowBits | low;
  }

  private static long mix(long half, long key) {
    long z = (half + 1) * GOLDEN_GAMMA ^ key;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
