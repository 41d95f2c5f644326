package io.simmim.operators.arrival.log;

import java.util.Arrays;

/**
 * How many new images each chunk of a continuous run has, in the order of the chunks: the choices
 * that depend on time, and so must be recorded. Chunks that follow the pattern of the replay share
 * take no room, whatever their number.
 *
 * <p>Of the samples of all chunks, counted through from 0, sample t is a replayed one in the
 * pattern if ⌊(t + 1) · share⌋ is above ⌊t · share⌋. A chunk may have another number of new images:
 * all, while there is nothing to replay, or what is there, while little arrives.
 *
 * <p>Not thread-safe.
 */
public final class ChunkDecisions {
  /** Number of new images of a chunk that follows the pattern. */
  public static final int PATTERN = -1;

  private final int chunkImages;
  private final double replayShare;

  /** Runs of chunks decided alike: where they begin, and how. */
  private long[] firstChunks = new long[16];

  private long[] firstImages = new long[16];
  private int[] kinds = new int[16];
  private int runs;
  private long chunks;
  private long used;

  ChunkDecisions(int chunkImages, double replayShare) {
    this.chunkImages = chunkImages;
    this.replayShare = replayShare;
  }

  /** Chunks decided on. */
  public long chunks() {
    return chunks;
  }

  /**
   * New images that the decided chunks use; the next chunk goes on with the image of this number.
   */
  long used() {
    return used;
  }

  /**
   * Decides on the next chunks.
   *
   * @param kind number of new images in each, or {@link #PATTERN}
   */
  void add(int kind, long count) {
    if (kind != PATTERN && (kind < 0 || kind > chunkImages)) {
      throw new IllegalArgumentException(
          "a chunk must have 0 to %d new images: %d".formatted(chunkImages, kind));
    }
    if (count < 1) {
      throw new IllegalArgumentException("chunks must be at least 1: " + count);
    }
    long end = Math.addExact(chunks, count);
    Math.multiplyExact(end, chunkImages); // samples are counted through
    if (runs == 0 || kinds[runs - 1] != kind) {
      if (runs == kinds.length) {
        firstChunks = Arrays.copyOf(firstChunks, 2 * runs);
        firstImages = Arrays.copyOf(firstImages, 2 * runs);
        kinds = Arrays.copyOf(kinds, 2 * runs);
      }
      firstChunks[runs] = chunks;
      firstImages[runs] = used;
      kinds[runs++] = kind;
    }
    used += newImages(kind, chunks, end);
    chunks = end;
  }

  /**
   * A kind for the next chunk with as many new images as a given one: that of the chunk before
   * where it will do, so that chunks in which nothing is new stay one run, whether the pattern has
   * something new in them or not.
   */
  public int alike(int kind) {
    if (runs == 0) {
      return kind;
    }
    int last = kinds[runs - 1];
    return newImages(last, chunks, chunks + 1) == newImages(kind, chunks, chunks + 1) ? last : kind;
  }

  /** New images of a chunk in the pattern. */
  public int patternImages(long chunk) {
    return (int) newImages(PATTERN, chunk, chunk + 1);
  }

  private long newImages(int kind, long from, long to) {
    return kind == PATTERN
        ? (to - from) * chunkImages - (replayed(to) - replayed(from))
        : (to - from) * kind;
  }

  /** Samples of the pattern that are replayed before a chunk. */
  private long replayed(long chunk) {
    return replayedSamples(chunk * chunkImages);
  }

  private long replayedSamples(long samples) {
    return (long) Math.floor(samples * replayShare);
  }

  /** Number of the first new image of a decided chunk; also of one without any. */
  public long firstImage(long chunk) {
    int run = runOf(chunk);
    return firstImages[run] + newImages(kinds[run], firstChunks[run], chunk);
  }

  /** Whether a place in a decided chunk has a replayed image. */
  public boolean isReplayed(long chunk, int place) {
    int kind = kinds[runOf(chunk)];
    if (kind != PATTERN) {
      return place >= kind;
    }
    long sample = chunk * chunkImages + place;
    return replayedSamples(sample + 1) > replayedSamples(sample);
  }

  /** The chunk in which an image is new, or -1 if none is decided yet. */
  long chunkOf(long image) {
    if (image >= used) {
      return -1;
    }
    // The chunk wanted is the last one whose first image is not behind this one and that has any.
    long low = 0;
    long high = chunks - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (firstImage(middle) <= image) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  long memoryBytes() {
    return (2L * Long.BYTES + Integer.BYTES) * kinds.length;
  }

  private int runOf(long chunk) {
    if (chunk < 0 || chunk >= chunks) {
      throw new IllegalArgumentException(
          "chunk must be one of the %d decided: %d".formatted(chunks, chunk));
    }
    int found = Arrays.binarySearch(firstChunks, 0, runs, chunk);
    return found >= 0 ? found : -found - 2;
  }
}
