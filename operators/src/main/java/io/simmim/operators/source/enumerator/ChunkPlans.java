package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Which images the chunks of a run hold. Used on the coordinator thread only. */
public interface ChunkPlans extends Closeable {
  /** Makes the plans of a run where they are needed. Travels with the job. */
  interface Factory extends Serializable {
    /** How the images are cut. */
    BatchPlan plan();

    /** How epochs are put in order. */
    Shuffle shuffle();

    /** From what a new run begins. */
    PlanState initial();

    /**
     * The plans of a run.
     *
     * @param state {@link #initial()}, or that of a checkpoint
     * @throws UserError if the state is one of another run
     */
    ChunkPlans open(PlanState state);
  }

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

  /** What a checkpoint keeps. */
  PlanState snapshot(long checkpoint) throws IOException;

  /** Readers found that the objects of some images are not there any more. */
  default void gone(List<Long> sampleIds) {}

  /** A checkpoint is complete. */
  default void completed(long checkpoint) {}

  @Override
  default void close() {}
}
