package io.simmim.trainer.loop;

import io.simmim.schemas.TensorChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Puts chunks back into the order of their numbers and cuts them into micro-batches. Chunks come
 * from several parallel tasks, so a later one may overtake an earlier one, by less than a bounded
 * distance. A chunk counts by its number, however many images it has.
 *
 * <p>Not thread-safe.
 */
public final class ChunkOrderer {
  private final int chunksPerMicroBatch;
  private final int maxChunksAhead;
  private final TreeMap<Long, TensorChunk> waiting = new TreeMap<>();
  private long nextChunk;

  /**
   * @param chunksPerMicroBatch length of a micro-batch
   * @param maxChunksAhead a chunk's number may exceed the next one's by less than this
   * @param nextChunk number of the chunk to hand out first, at the beginning of a micro-batch
   */
  public ChunkOrderer(int chunksPerMicroBatch, int maxChunksAhead, long nextChunk) {
    this.chunksPerMicroBatch = chunksPerMicroBatch;
    this.maxChunksAhead = maxChunksAhead;
    this.nextChunk = nextChunk;
  }

  /**
   * Takes in a chunk.
   *
   * @throws IllegalStateException for one that came before or is too far ahead: the source sends
   *     what it must not
   */
  public void add(TensorChunk chunk) {
    long index = chunk.index();
    if (index < nextChunk) {
      throw new IllegalStateException(
          "chunk %d came again; the next one is %d".formatted(index, nextChunk));
    }
    if (index >= nextChunk + maxChunksAhead) {
      throw new IllegalStateException(
          "chunk %d came while chunk %d is missing; chunks may come at most %d ahead"
              .formatted(index, firstMissing(), maxChunksAhead - 1));
    }
    if (waiting.putIfAbsent(index, chunk) != null) {
      throw new IllegalStateException(
          "chunk %d came twice; the next one is %d".formatted(index, nextChunk));
    }
  }

  /** Whether all chunks of the next micro-batch are there. */
  public boolean hasMicroBatch() {
    // Numbers are unique and none is below the next, so the n-th smallest decides.
    return waiting.size() >= chunksPerMicroBatch
        && firstMissing() >= nextChunk + chunksPerMicroBatch;
  }

  /** Hands out the chunks of the next micro-batch, in order. */
  public List<TensorChunk> takeMicroBatch() {
    if (!hasMicroBatch()) {
      throw new IllegalStateException("chunk %d is missing".formatted(firstMissing()));
    }
    List<TensorChunk> microBatch = new ArrayList<>(chunksPerMicroBatch);
    for (int i = 0; i < chunksPerMicroBatch; i++) {
      microBatch.add(waiting.remove(nextChunk++));
    }
    return List.copyOf(microBatch);
  }

  /** The chunks that wait for their turn, in order. */
  public List<TensorChunk> waiting() {
    return List.copyOf(waiting.values());
  }

  /** Number of chunks that wait for their turn. */
  public int size() {
    return waiting.size();
  }

  /** Number of the first chunk that neither came nor was handed out. */
  public long firstMissing() {
    long missing = nextChunk;
    for (long index : waiting.keySet()) {
      if (index != missing) {
        break;
      }
      missing++;
    }
    return missing;
  }
}
