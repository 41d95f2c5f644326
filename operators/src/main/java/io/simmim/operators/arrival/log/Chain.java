package io.simmim.operators.arrival.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Finds files that follow each other from the beginning of a log to a length of it. */
final class Chain {
  private final List<LogSegment> segments;
  private final long length;
  private final Deque<byte[]> content = new ArrayDeque<>();
  private final Deque<LogSegment> used = new ArrayDeque<>();
  private String problem = "";
  private IOException unread;

  Chain(List<LogSegment> segments, long length) {
    // What was written last first: it is the likeliest.
    this.segments =
        segments.stream()
            .sorted(
                Comparator.comparingLong(LogSegment::modified)
                    .thenComparingLong(LogSegment::end)
                    .reversed())
            .toList();
    this.length = length;
  }

  /**
   * Looks for the files.
   *
   * @param wanted whether the contents, one after the other, are the ones looked for
   * @throws IOException if they are not there as far as files can be read, and one cannot now
   */
  boolean find(Predicate<Collection<byte[]>> wanted) throws IOException {
    boolean found = extend(0, wanted);
    if (!found && unread != null) {
      throw unread;
    }
    return found;
  }

  /** Takes the bytes that were found: once, so that they are not held twice. */
  ByteLog takeBytes() {
    ByteLog bytes = new ByteLog();
    while (!content.isEmpty()) {
      byte[] part = content.removeFirst();
      bytes.append(part, 0, part.length);
    }
    return bytes;
  }

  /** The last of the files that were found. */
  LogSegment last() {
    return used.getLast();
  }

  private boolean extend(long at, Predicate<Collection<byte[]>> wanted) {
    if (at == length) {
      return wanted.test(content);
    }
    for (LogSegment segment : segments) {
      if (segment.start() == at) {
        byte[] part = read(segment);
        if (part != null) {
          content.addLast(part);
          used.addLast(segment);
          if (extend(at + part.length, wanted)) {
            return true;
          }
          content.removeLast();
          used.removeLast();
        }
      }
    }
    return false;
  }

  /** The bytes of a segment, as far as they are asked for; null if there are none to be had. */
  private byte[] read(LogSegment segment) {
    try {
      byte[] all = segment.read();
      long left = length - segment.start();
      return all.length <= left ? all : Arrays.copyOf(all, (int) left);
    } catch (LogSegment.Damaged e) {
      problem = "; " + e.getMessage();
      return null;
    } catch (IOException e) {
      unread = e; // storage may be back at the next attempt, or a longer one be in its place
      return null;
    }
  }

  /** What was found on the way that cannot be used; empty if nothing was. */
  String problem() {
    return problem;
  }
}
