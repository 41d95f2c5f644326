package io.simmim.pipeline.sink;

import java.util.zip.CRC32C;

/**
 * A place in written lines, as a checkpoint remembers it. What comes after it belongs to no
 * checkpoint. It is found again without reading what comes before it.
 *
 * @param records number of the last record before it
 * @param segment number of the file that it is in; 0 where there is one file
 * @param bytes length of that file up to it
 * @param tail checksum of the last bytes up to it, which tells whether the file still holds what it
 *     held
 */
record LinePosition(long records, int segment, long bytes, int tail) {
  /** Enough for the end of a line of the metrics with its speed and time. */
  static final int TAIL_BYTES = 256;

  /** Before the first line. */
  static final LinePosition START = new LinePosition(0, 0, 0, tailOf(new byte[0], 0));

  /** Checksum of the last bytes of {@code content} before {@code end}. */
  static int tailOf(byte[] content, int end) {
    int from = Math.max(0, end - TAIL_BYTES);
    CRC32C checksum = new CRC32C();
    checksum.update(content, from, end - from);
    return (int) checksum.getValue();
  }

  /** Whether a file's content still holds what it held up to this position. */
  boolean isIn(byte[] content) {
    return bytes <= content.length && tail == tailOf(content, (int) bytes);
  }
}
