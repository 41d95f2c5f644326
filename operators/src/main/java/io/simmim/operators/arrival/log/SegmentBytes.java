package io.simmim.operators.arrival.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The bytes of stored files that follow each other, read when they are asked for. Whoever goes
 * forward, and back by no more than a record, needs two files at a time. Not thread-safe.
 */
final class SegmentBytes implements LogBytes {
  /** A file cannot be read. */
  static final class Unreadable extends UncheckedIOException {
    private static final long serialVersionUID = 1;
    private final transient LogSegment segment;

    Unreadable(LogSegment segment, IOException cause) {
      super(cause);
      this.segment = segment;
    }

    LogSegment segment() {
      return segment;
    }
  }

  private final List<LogSegment> segments;
  private byte[] before = {};
  private byte[] current = {};
  private long start;
  private int read;
  private long mostHeld;

  /**
   * @param segments from the beginning of the log, each beginning where the one before it ends
   */
  SegmentBytes(List<LogSegment> segments) {
    this.segments = segments;
  }

  @Override
  public long length() {
    return segments.get(segments.size() - 1).end();
  }

  @Override
  public byte at(long position) {
    if (position >= length()) {
      throw new IndexOutOfBoundsException("byte %d of a log of %d".formatted(position, length()));
    }
    while (position >= start + current.length) {
      readNext();
    }
    return position >= start
        ? current[(int) (position - start)]
        : before[(int) (position - (start - before.length))];
  }

  private void readNext() {
    LogSegment next = segments.get(read++);
    try {
      byte[] content = next.read();
      before = current;
      current = content;
    } catch (IOException e) {
      throw new Unreadable(next, e);
    }
    start = next.start();
    mostHeld = Math.max(mostHeld, (long) before.length + current.length);
  }

  @Override
  public void copy(long position, byte[] into, int offset, int count) {
    for (int i = 0; i < count; i++) {
      into[offset + i] = at(position + i);
    }
  }

  /** The most bytes that were in memory at a time. */
  long mostHeld() {
    return mostHeld;
  }
}
