package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.split.ChunkSplit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * Which chunks are open, returned, or not handed out yet. Each chunk is in exactly one place: with
 * one reader (open), returned, ahead of {@code nextChunk}, or emitted. A reader gets the lowest
 * chunk that it may have, and none that is {@code window} or more ahead of the lowest that is not
 * emitted.
 *
 * <p>A chunk that a reader restored from its checkpoint goes to that reader only: should it fail
 * alone and once more before the next checkpoint, it restores the chunk again, and nobody else may
 * have emitted it meanwhile.
 *
 * <p>Not thread-safe.
 */
public final class ChunkLedger {
  private static final int ANY_READER = -1;

  private final long totalChunks;
  private final int window;
  private final TreeMap<Long, Integer> readerOfOpen = new TreeMap<>();
  private final TreeMap<Long, Integer> readerOfReturned = new TreeMap<>();
  private long nextChunk;

  public ChunkLedger(long totalChunks, int window, long nextChunk, List<Long> returned) {
    this.totalChunks = totalChunks;
    this.window = window;
    this.nextChunk = nextChunk;
    returned.forEach(chunk -> readerOfReturned.put(chunk, ANY_READER));
  }

  /**
   * Opens the next chunk for a reader, if the window has room and any is left for it.
   *
   * @param mayOpen asked before a chunk is opened
   */
  OptionalLong handOut(int reader, LongPredicate mayOpen) {
    long chunk = lowestFor(reader);
    if (chunk >= totalChunks || chunk - lowestUnfinished() >= window) {
      return OptionalLong.empty();
    }
    if (!mayOpen.test(chunk)) {
      return OptionalLong.empty();
    }
    if (readerOfReturned.remove(chunk) == null) {
      nextChunk++;
    }
    readerOfOpen.put(chunk, reader);
    return OptionalLong.of(chunk);
  }

  private long lowestFor(int reader) {
    for (Map.Entry<Long, Integer> chunk : readerOfReturned.entrySet()) {
      if (chunk.getValue() == ANY_READER || chunk.getValue() == reader) {
        return chunk.getKey();
      }
    }
    return nextChunk;
  }

  /** The lowest chunk that is not emitted. */
  long lowestUnfinished() {
    long lowest = nextChunk;
    if (!readerOfOpen.isEmpty()) {
      lowest = readerOfOpen.firstKey();
    }
    if (!readerOfReturned.isEmpty()) {
      lowest = Math.min(lowest, readerOfReturned.firstKey());
    }
    return lowest;
  }

  /** Closes a chunk; false if it is not open with this reader, so that nothing changed. */
  boolean emitted(int reader, long chunk) {
    return readerOfOpen.remove(chunk, reader);
  }

  /** What is open with a reader, ascending. */
  List<Long> openOf(int reader) {
    return readerOfOpen.entrySet().stream()
        .filter(chunk -> chunk.getValue() == reader)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether something is open that has a property. */
  boolean anyOpen(LongPredicate property) {
    return readerOfOpen.keySet().stream().anyMatch(property::test);
  }

  /** Of what each reader has, the lowest so many. */
  SortedSet<Long> lowestOpen(int ofEach) {
    Map<Integer, Integer> taken = new HashMap<>();
    SortedSet<Long> lowest = new TreeSet<>();
    readerOfOpen.forEach(
        (chunk, reader) -> {
          if (taken.merge(reader, 1, Integer::sum) <= ofEach) {
            lowest.add(chunk);
          }
        });
    return lowest;
  }

  /** Takes what a lost reader held since the checkpoint that it restarts from. */
  void readerLost(int reader, List<ChunkSplit> sinceCheckpoint) {
    readerOfOpen.values().removeIf(holder -> holder == reader);
    giveBack(sinceCheckpoint, ANY_READER);
  }

  /** Takes what a reader that starts found in its checkpoint. */
  void readerStarted(int reader, List<ChunkSplit> restored) {
    readerOfOpen.values().removeIf(holder -> holder == reader);
    giveBack(restored, reader);
  }

  private void giveBack(List<ChunkSplit> splits, int reader) {
    for (ChunkSplit split : splits) {
      if (split.chunk() >= nextChunk) {
        throw new IllegalStateException(
            "%s came back but only chunks below %d were handed out".formatted(split, nextChunk));
      }
      if (!readerOfOpen.containsKey(split.chunk())) {
        readerOfReturned.put(split.chunk(), reader);
      }
    }
  }

  /** Whether every chunk has been emitted. */
  boolean complete() {
    return nextChunk >= totalChunks && readerOfReturned.isEmpty() && readerOfOpen.isEmpty();
  }

  long nextChunk() {
    return nextChunk;
  }

  List<Long> returned() {
    return new ArrayList<>(readerOfReturned.keySet());
  }

  int openChunks() {
    return readerOfOpen.size();
  }
}
