package io.simmim.operators.source;

import io.simmim.operators.source.enumerator.ChunkEnumerator;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.ChunkLedger;
import io.simmim.operators.source.enumerator.ChunkPlans;
import io.simmim.operators.source.enumerator.RefusingEnumerator;
import io.simmim.operators.source.enumerator.Suspects;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.reader.ChunkReader;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.UserError;
import java.util.Objects;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Emits every chunk of a run once, cut as the plan says. Which images a chunk holds is up to the
 * {@link ChunkPlans} alone: those of a catalog, or those that have arrived. Chunks of different
 * readers arrive in any order, at most {@link FetchConfig#windowChunks} apart.
 *
 * <p>A checkpoint holds the chunks that readers have and the first one never handed out; on
 * recovery all of them go through the enumerator, so that parallelism may change. A checkpoint of
 * another run is refused.
 */
public final class ChunkSource
    implements Source<EncodedChunk, ChunkSplit, ChunkEnumeratorState>,
        SupportsSplitReassignmentOnRecovery {
  private final ChunkPlans.Factory images;
  private final FetchConfig fetch;
  private final SuspectConfig suspects;
  private final long startNumber;

  /**
   * Declares the source of a run.
   *
   * @param images which images the chunks hold
   * @param suspects what is done about images that end processes
   */
  public ChunkSource(ChunkPlans.Factory images, FetchConfig fetch, SuspectConfig suspects) {
    this(images, fetch, suspects, 0);
  }

  private ChunkSource(
      ChunkPlans.Factory images, FetchConfig fetch, SuspectConfig suspects, long startNumber) {
    this.images = Objects.requireNonNull(images, "images");
    this.fetch = Objects.requireNonNull(fetch, "fetch");
    this.suspects = Objects.requireNonNull(suspects, "suspects");
    this.startNumber = startNumber;
  }

  /**
   * The same source, whose checkpoints tell which of the starts of its job they are of. Where jobs
   * went on from each other, or went back, only this orders their checkpoints: their numbers begin
   * with that of the one that a job goes on from, and clocks are set back.
   *
   * @param number greater than that of any checkpoint in the output
   */
  public ChunkSource ofStart(long number) {
    return new ChunkSource(images, fetch, suspects, number);
  }

  @Override
  public Boundedness getBoundedness() {
    return images.plan().isEndless() ? Boundedness.CONTINUOUS_UNBOUNDED : Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<EncodedChunk, ChunkSplit> createReader(SourceReaderContext context) {
    return new ChunkReader(
        context,
        fetch,
        fetch.chunksPerReader(images.shuffle(), images.plan().chunkImages()),
        suspects.trial());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> createEnumerator(
      SplitEnumeratorContext<ChunkSplit> context) {
    return enumerator(context, ChunkEnumeratorState.Progress.start(images.initial()));
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState state) {
    if (!(state instanceof ChunkEnumeratorState.Progress progress)) {
      return new RefusingEnumerator(
          state,
          "cannot resume: the state of the source is unreadable: "
              + ((ChunkEnumeratorState.Unreadable) state).problem());
    }
    try {
      return enumerator(context, progress);
    } catch (UserError e) {
      return new RefusingEnumerator(state, e.getMessage());
    }
  }

  private ChunkEnumerator enumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState.Progress state) {
    BatchPlan plan = images.plan();
    int window =
        fetch.windowChunks(context.currentParallelism(), images.shuffle(), plan.chunkImages());
    return new ChunkEnumerator(
        context,
        images.open(state.images()),
        new ChunkLedger(plan.totalChunks(), window, state.nextChunk(), state.returned()),
        Suspects.begin(suspects, state.refused()),
        startNumber);
  }

  @Override
  public SimpleVersionedSerializer<ChunkSplit> getSplitSerializer() {
    return new ChunkSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<ChunkEnumeratorState> getEnumeratorCheckpointSerializer() {
    return new ChunkEnumeratorStateSerializer();
  }
}
