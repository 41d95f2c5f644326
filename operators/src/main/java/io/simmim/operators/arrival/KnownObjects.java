package io.simmim.operators.arrival;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Finds the objects of a log by their URIs: an open-addressing table of image numbers with 32 bits
 * of hash, 8 bytes a slot and at most six in ten of them used, so up to 32 MB for a million
 * objects. Of a shard the first image stands for all.
 *
 * <p>Not thread-safe.
 */
final class KnownObjects {
  private static final long EMPTY = 0;
  private long[] slots = new long[1 << 10];
  private int used;

  /** Adds an object. */
  void add(String uri, long id) {
    if (id >= Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "a continuous run holds at most %d images".formatted(Integer.MAX_VALUE - 1));
    }
    if (10L * used >= 6L * slots.length) {
      grow();
    }
    insert(slots, ((long) hash(uri) << 32) | (id + 1));
    used++;
  }

  private void grow() {
    if (slots.length > Integer.MAX_VALUE / 2) {
      throw new IllegalStateException("too many objects: " + used);
    }
    long[] larger = new long[2 * slots.length];
    Arrays.stream(slots).filter(slot -> slot != EMPTY).forEach(slot -> insert(larger, slot));
    slots = larger;
  }

  private static void insert(long[] slots, long entry) {
    int at = place(entry, slots.length);
    while (slots[at] != EMPTY) {
      at = (at + 1) & (slots.length - 1);
    }
    slots[at] = entry;
  }

  private static int place(long entry, int size) {
    return (int) (entry >>> 32) & (size - 1);
  }

  /**
   * Whether a test holds for some object that may have the URI. Objects with the same hash are
   * asked for too.
   */
  boolean anyMatch(String uri, LongPredicate test) {
    int hash = hash(uri);
    int at = hash & (slots.length - 1);
    while (slots[at] != EMPTY) {
      if ((int) (slots[at] >>> 32) == hash && test.test((slots[at] & 0xFFFFFFFFL) - 1)) {
        return true;
      }
      at = (at + 1) & (slots.length - 1);
    }
    return false;
  }

  /**
   * {@link String#hashCode} with its bits spread, as names differ in their last characters only.
   */
  private static int hash(String uri) {
    int hash = uri.hashCode() * 0x9E3779B9;
    return hash ^ (hash >>> 15);
  }
}
