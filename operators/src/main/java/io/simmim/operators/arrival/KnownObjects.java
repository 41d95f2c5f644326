package io.simmim.operators.arrival;

import java.security.SecureRandom;
import java.util.function.LongPredicate;

/**
 * Finds entries of a log by a key: an open-addressing table of image numbers with 32 bits of hash,
 * 8 bytes a slot and at most six in ten of them used, so up to 32 MB for a million keys. The caller
 * compares each candidate with the log, so nothing is taken for something else because of its hash.
 *
 * <p>Keys are names that others chose. Their hash is a polynomial at a point that each table draws
 * at random, so that nobody can make names whose hashes are equal.
 *
 * <p>Not thread-safe.
 */
final class KnownObjects {
  private static final long EMPTY = 0;

  /** A prime just below 2^61, modulo which the polynomial is computed. */
  private static final long PRIME = (1L << 61) - 1;

  private final long point = (new SecureRandom().nextLong() >>> 4) + 2;
  private long[] slots = new long[1 << 10];
  private int used;

  /** The entry of a key, as the test tells it from others of its hash; -1 if there is none. */
  long find(String key, LongPredicate isIt) {
    int at = slotOf(hash(key), isIt);
    return slots[at] == EMPTY ? -1 : id(slots[at]);
  }

  /**
   * Makes an image the entry of a key, in place of the one that it has.
   *
   * @param isIt tells the entry of this key from others of its hash
   */
  void put(String key, long id, LongPredicate isIt) {
    if (id >= Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "a continuous run holds at most %d images".formatted(Integer.MAX_VALUE - 1));
    }
    if (10L * used >= 6L * slots.length) {
      grow();
    }
    int hash = hash(key);
    int at = slotOf(hash, isIt);
    if (slots[at] == EMPTY) {
      used++;
    }
    slots[at] = ((long) hash << 32) | (id + 1);
  }

  /** The slot of a key, or the empty one where it belongs. */
  private int slotOf(int hash, LongPredicate isIt) {
    int at = hash & (slots.length - 1);
    while (slots[at] != EMPTY && !((int) (slots[at] >>> 32) == hash && isIt.test(id(slots[at])))) {
      at = (at + 1) & (slots.length - 1);
    }
    return at;
  }

  private static long id(long slot) {
    return (slot & 0xFFFFFFFFL) - 1;
  }

  private void grow() {
    if (slots.length > Integer.MAX_VALUE / 2) {
      throw new IllegalStateException("too many objects: " + used);
    }
    long[] larger = new long[2 * slots.length];
    for (long slot : slots) {
      if (slot != EMPTY) {
        int at = (int) (slot >>> 32) & (larger.length - 1);
        while (larger[at] != EMPTY) {
          at = (at + 1) & (larger.length - 1);
        }
        larger[at] = slot;
      }
    }
    slots = larger;
  }

  /** Number of keys. */
  int size() {
    return used;
  }

  long memoryBytes() {
    return 8L * slots.length;
  }

  private int hash(String key) {
    long hash = 0;
    for (int i = 0; i < key.length(); i++) {
      hash = remainder(Math.multiplyHigh(hash, point), hash * point) + key.charAt(i) + 1;
    }
    hash = remainder(Math.multiplyHigh(hash, point), hash * point);
    return (int) (hash ^ (hash >>> 32));
  }

  /** Of a product in two halves, modulo the prime, or a bit more than it. */
  private static long remainder(long high, long low) {
    long sum = (low & PRIME) + ((low >>> 61) | (high << 3));
    return (sum & PRIME) + (sum >>> 61);
  }
}
