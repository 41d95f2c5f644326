package io.simmim.operators.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How far pixels are from recorded ones, in levels.
 *
 * @param largest of all values
 * @param mean of all values
 */
record LevelDifference(int largest, double mean) {
  /**
   * Compares all values.
   *
   * @throws IOException if the recording has another number of them
   */
  static LevelDifference of(byte[] actual, ByteBuffer expected) throws IOException {
    if (expected.remaining() != actual.length) {
      throw new IOException(
          "a recording must have %d bytes: %d".formatted(actual.length, expected.remaining()));
    }
    int largest = 0;
    long sum = 0;
    for (int i = 0; i < actual.length; i++) {
      int difference = Math.abs((actual[i] & 255) - (expected.get(i) & 255));
      largest = Math.max(largest, difference);
      sum += difference;
    }
    return new LevelDifference(largest, (double) sum / actual.length);
  }
}
