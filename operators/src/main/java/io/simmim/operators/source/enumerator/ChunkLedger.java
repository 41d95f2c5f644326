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
 * <p>What came back may go to any reader: all of them feed one task, so that they fail and restart
 * together. Were one to restart alone, it would restore chunks that another one may have emitted.
 *
 * <p>Not thread-safe.
 */
public final class ChunkLedger {
  private final long totalChunks;
  private final int window;
  private final TreeMap<Long, Integer> readerOfOpen = new TreeMap<>();
  private final TreeSet<Long> returned = new TreeSet<>();
  private long nextChunk;

  public ChunkLedger(long totalChunks, int window, long nextChunk, List<Long> returned) {
    this.totalChunks = totalChunks;
    this.window = window;
    this.nextChunk = nextChunk;
    this.returned.addAll(returned);
  }

  /**
   * Opens the next chunk for a reader, if the window has room and any is left for it.
   *
   * @param mayOpen asked before a chunk is opened
   */
  OptionalLong handOut(int reader, LongPredicate mayOpen) {
    long chunk = returned.isEmpty() ? nextChunk : returned.first();
    if (chunk >= totalChunks || chunk - lowestUnfinished() >= window) {
      return OptionalLong.empty();
    }
    if (!mayOpen.test(chunk)) {
      return OptionalLong.empty();
    }
    if (!returned.remove(chunk)) {
      nextChunk++;
    }
    readerOfOpen.put(chunk, reader);
    return OptionalLong.of(chunk);
  }

  /** The lowest chunk that is not emitted. */
  long lowestUnfinished() {
    long lowest = nextChunk;
    if (!readerOfOpen.isEmpty()) {
      lowest = readerOfOpen.firstKey();
    }
    if (!returned.isEmpty()) {
      lowest = Math.min(lowest, returned.first());
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

  /**
   * Takes what comes back: what a lost reader got since the checkpoint that it restarts from, or
   * what a reader that starts found in its checkpoint. The reader holds nothing else any more.
   */
  void takeBack(int reader, List<ChunkSplit> splits) {
    readerOfOpen.values().removeIf(holder -> holder == reader);
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

  /** Whether every chunk has been emitted. */
  boolean complete() {
    return nextChunk >= totalChunks && returned.isEmpty() && readerOfOpen.isEmpty();
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
