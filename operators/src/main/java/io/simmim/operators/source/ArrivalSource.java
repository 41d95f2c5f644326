package io.simmim.operators.source;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.source.enumerator.ArrivalPlans;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ChunkEnumerator;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.ChunkLedger;
import io.simmim.operators.source.enumerator.RefusingEnumerator;
import io.simmim.operators.source.enumerator.Suspects;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.reader.ChunkReader;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ChunkSplitSerializer;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Emits chunks of images that keep arriving: each image once as a new one, mixed with older ones.
 * Which images a chunk holds follows from the log of arrivals, to which a checkpoint refers; so a
 * resumed run sees the same images in the same chunks, at any parallelism.
 *
 * <p>A checkpoint of another seed, replay share or batch, or of a run over a catalog, is refused.
 */
public final class ArrivalSource
    implements Source<EncodedChunk, ChunkSplit, ChunkEnumeratorState>,
        SupportsSplitReassignmentOnRecovery {
  private final ArrivalSourceConfig config;
  private final BatchPlan plan;
  private final FetchConfig fetch;
  private final SuspectConfig suspects;

  /**
   * Declares the source of a continuous run.
   *
   * @param plan of a continuous run
   * @param suspects what is done about images that end processes
   */
  public ArrivalSource(
      ArrivalSourceConfig config, BatchPlan plan, FetchConfig fetch, SuspectConfig suspects) {
    this.config = Objects.requireNonNull(config, "config");
    this.plan = Objects.requireNonNull(plan, "plan");
    this.fetch = Objects.requireNonNull(fetch, "fetch");
    this.suspects = Objects.requireNonNull(suspects, "suspects");
    if (!plan.isContinuous()) {
      throw new IllegalArgumentException("the plan must be one of a continuous run: " + plan);
    }
  }

  @Override
  public Boundedness getBoundedness() {
    return plan.isEndless() ? Boundedness.CONTINUOUS_UNBOUNDED : Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<EncodedChunk, ChunkSplit> createReader(SourceReaderContext context) {
    return new ChunkReader(
        context,
        fetch,
        fetch.chunksPerReader(Shuffle.SAMPLE, plan.chunkImages()),
        suspects.trial());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> createEnumerator(
      SplitEnumeratorContext<ChunkSplit> context) {
    return enumerator(
        context,
        new ChunkEnumeratorState.Continuous(
            Optional.empty(),
            header(),
            plan.microBatch(),
            plan.accumulation(),
            0,
            List.of(),
            "",
            Map.of()));
  }

  private ArrivalLogHeader header() {
    return new ArrivalLogHeader(
        config.seed(), config.replayShare(), plan.chunkImages(), plan.chunksPerStep());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState state) {
    if (state instanceof ChunkEnumeratorState.Unreadable unreadable) {
      return new RefusingEnumerator(
          state, "cannot resume: the state of the source is unreadable: " + unreadable.problem());
    }
    if (!(state instanceof ChunkEnumeratorState.Continuous before)) {
      return new RefusingEnumerator(
          state,
          "cannot resume: the checkpoint is one of a run over a catalog (without --follow, --events)");
    }
    List<String> differences = differences(before);
    if (!differences.isEmpty()) {
      return new RefusingEnumerator(
          state, "cannot resume: the checkpoint was made with " + String.join(", ", differences));
    }
    return enumerator(context, before);
  }

  private ChunkEnumerator enumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState.Continuous state) {
    return new ChunkEnumerator(
        context,
        new ArrivalPlans(config, fetch, plan, state),
        new ChunkLedger(
            plan.totalChunks(),
            fetch.windowChunks(context.currentParallelism(), Shuffle.SAMPLE, plan.chunkImages()),
            state.nextChunk(),
            state.returned()),
        Suspects.begin(suspects, state.refused()));
  }

  private List<String> differences(ChunkEnumeratorState.Continuous before) {
    List<String> differences = new ArrayList<>();
    ArrivalLogHeader header = before.header();
    ChunkSource.compare("seed", header.seed(), config.seed(), differences);
    ChunkSource.compare("replay-share", header.replayShare(), config.replayShare(), differences);
    ChunkSource.compare("micro-batch", before.microBatch(), plan.microBatch(), differences);
    ChunkSource.compare("accumulation", before.accumulation(), plan.accumulation(), differences);
    ChunkSource.compare("chunk-images", header.chunkImages(), plan.chunkImages(), differences);
    return differences;
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
