package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkSplit;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Which images the chunks of a run hold. Used on the coordinator thread only. */
interface ChunkPlans extends Closeable {
  /**
   * Starts to load what is needed. What fails later fails the job.
   *
   * @param changed called on the coordinator thread whenever more chunks may be planned than before
   */
  void start(SplitEnumeratorContext<ChunkSplit> context, Runnable changed);

  /** The folders that the images come from; null until they are known, and chunks with them. */
  CatalogRoots roots();

  /** Whether the first chunk that was never handed out can be planned now. */
  boolean canPlan(long chunk);

  /**
   * Chunks that could be handed out for the first time now, if readers had room.
   *
   * @param nextChunk the first chunk never handed out
   */
  long waitingChunks(long nextChunk);

  /** The images of a chunk that was handed out, or can be planned. */
  ChunkSplit split(long chunk);

  /**
   * What a checkpoint keeps.
   *
   * @param nextChunk the first chunk never handed out
   * @param returned chunks below it that no reader holds
   */
  ChunkEnumeratorState snapshot(long checkpoint, long nextChunk, List<Long> returned)
      throws IOException;

  /** Readers found that the objects of some images are not there any more. */
  default void gone(List<Long> sampleIds) {}

  /** A checkpoint is complete. */
  default void completed(long checkpoint) {}

  @Override
  default void close() {}
}
