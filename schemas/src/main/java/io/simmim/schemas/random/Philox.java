package io.simmim.schemas.random;

/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). Each draw is a pure function of (seed, purpose, epoch, index, draw number),
 * so a sample's crop, flip and mask do not depend on which task makes them, when, or how often.
 *
 * <p>Not thread-safe: an instance counts its draws. Make one per (purpose, epoch, index).
 */
public final class Philox {
  /** What the numbers are for; purposes draw from unrelated sequences. */
  public enum Purpose {
    SHUFFLE(0),
    CROP(1),
    FLIP(2),
    MASK(3),
    DROP_PATH(4),
    INITIALIZATION(5),
    COLOR_CLUSTERS(6),
    REPLAY(7),
    RAND_AUGMENT(8),
    ERASING(9),
    MIXING(10);

    private final int number;

    Purpose(int number) {
      this.number = number;
    }
  }

  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long MASK_32 = 0xFFFFFFFFL;

  private final int key0;
  private final int key1;
  private final int indexLow;
  private final int indexHigh;
  private final int epoch;
  private final int[] block = new int[4];
  private int nextBlock;
  private int used = 4;

  /**
   * @param seed the run's seed
   * @param purpose separates the sequences of one (seed, epoch, index)
   * @param epoch epoch, or 0 where there is none
   * @param index position within the epoch, step, or parameter number
   */
  public Philox(long seed, Purpose purpose, int epoch, long index) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32) ^ (purpose.number * WEYL_0);
    this.epoch = epoch;
    this.indexLow = (int) index;
    this.indexHigh = (int) (index >>> 32);
  }

  /** 32 random bits. */
  public int nextBits() {
    if (used == 4) {
      generate(nextBlock++, indexLow, indexHigh, epoch, key0, key1, block);
      used = 0;
    }
    return block[used++];
  }

  /** Uniform in [0, 1), with 53 random bits. */
  public double nextDouble() {
    long high = nextBits() & MASK_32;
    long low = nextBits() & MASK_32;
    return ((high << 21) ^ (low >>> 11)) * 0x1p-53;
  }

  /**
   * Standard normal, by the method of Box and Muller (1958) and {@link StrictMath}: the same on
   * every machine.
   */
  public double nextGaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
  }

  /**
   * Uniform in [0, bound), without bias.
   *
   * @param bound at least 1
   */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound must be at least 1: " + bound);
    }
    // Lemire, "Fast random integer generation in an interval", 2019.
    long product = (nextBits() & MASK_32) * bound;
    if ((product & MASK_32) < bound) {
      long threshold = (0x100000000L - bound) % bound;
      while ((product & MASK_32) < threshold) {
        product = (nextBits() & MASK_32) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /** One block of four words: counter (c0..c3) under key (k0, k1). */
  static void generate(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * (c0 & MASK_32);
      long p1 = MULTIPLIER_1 * (c2 & MASK_32);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
