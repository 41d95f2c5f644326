package io.simmim.operators.source;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which chunks are open, returned, or not handed out yet. Each chunk is in exactly one place: with
 * one reader (open), returned, ahead of {@code nextChunk}, or emitted. The lowest chunk goes first,
 * and none goes out that is {@code window} or more ahead of the lowest open one. Not thread-safe.
 */
final class ChunkLedger {
  private final long totalChunks;
  private final int window;
  private final TreeMap<Long, Integer> readerOfOpen = new TreeMap<>();
  private final TreeSet<Long> returned = new TreeSet<>();
  private long nextChunk;

  ChunkLedger(long totalChunks, int window, long nextChunk, List<Long> returned) {
    this.totalChunks = totalChunks;
    this.window = window;
    this.nextChunk = nextChunk;
    this.returned.addAll(returned);
  }

  /** Opens the next chunk for a reader, if the window has room and any is left. */
  OptionalLong handOut(int reader) {
    if (!hasMore()) {
      return OptionalLong.empty();
    }
    long chunk = returned.isEmpty() ? nextChunk : returned.first();
    if (!readerOfOpen.isEmpty() && chunk - readerOfOpen.firstKey() >= window) {
      return OptionalLong.empty();
    }
    if (returned.isEmpty()) {
      nextChunk++;
    } else {
      returned.remove(chunk);
    }
    readerOfOpen.put(chunk, reader);
    return OptionalLong.of(chunk);
  }

  /** Closes a chunk; false if it is not open with this reader, so that nothing changed. */
  boolean emitted(int reader, long chunk) {
    return readerOfOpen.remove(chunk, reader);
  }

  /**
   * Forgets what a reader held: it lost its state, and what it restores is given to {@link
   * #giveBack}.
   */
  void readerLost(int reader) {
    readerOfOpen.values().removeIf(holder -> holder == reader);
  }

  /** Takes chunks that no reader holds any more. */
  void giveBack(List<ChunkSplit> splits) {
    for (ChunkSplit split : splits) {
      if (split.chunk() >= nextChunk) {
        throw new IllegalStateException(
            "%s came back but only chunks below %d were handed out".formatted(split, nextChunk));
      }
      if (!readerOfOpen.containsKey(split.chunk())) {
        returned.add(split.chunk());
      }
    }
  }

  /** Whether there are chunks to hand out, now or when the window has room. */
  boolean hasMore() {
    return !returned.isEmpty() || nextChunk < totalChunks;
  }

  /** Whether every chunk has been emitted. */
  boolean complete() {
    return !hasMore() && readerOfOpen.isEmpty();
  }

  long nextChunk() {
    return nextChunk;
  }

  List<Long> returned() {
    return new ArrayList<>(returned);
  }

  int openChunks() {
    return readerOfOpen.size();
  }
}
