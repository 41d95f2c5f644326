package io.simmim.operators.arrival.log;

import java.util.Arrays;

/** Numbers of images that are collected. */
final class Ids {
  private long[] values = new long[16];
  private int count;

  void add(long id) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = id;
  }

  int count() {
    return count;
  }

  /** All of them, ascending; none is left. */
  long[] take() {
    long[] taken = Arrays.copyOf(values, count);
    Arrays.sort(taken);
    count = 0;
    return taken;
  }
}
