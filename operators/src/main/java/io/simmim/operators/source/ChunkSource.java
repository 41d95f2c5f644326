package io.simmim.operators.source;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.CatalogPlans;
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
import io.simmim.schemas.text.KebabCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * Emits every chunk of a run once: the images of a catalog, in the order that seed and epoch
 * decide, cut as the plan says. Chunks of different readers arrive in any order, at most {@link
 * FetchConfig#windowChunks} apart; which images a chunk holds depends on (seed, shuffle, catalog,
 * plan) alone.
 *
 * <p>A checkpoint holds the chunks that readers have and the first one never handed out; on
 * recovery all of them go through the enumerator, so that parallelism may change. A checkpoint of
 * another catalog, seed, shuffle or plan is refused.
 */
public final class ChunkSource
    implements Source<EncodedChunk, ChunkSplit, ChunkEnumeratorState>,
        SupportsSplitReassignmentOnRecovery {
  private final CatalogReference catalog;
  private final BatchPlan plan;
  private final long seed;
  private final Shuffle shuffle;
  private final FetchConfig fetch;
  private final SuspectConfig suspects;

  /**
   * Declares the source of a run.
   *
   * @param catalog a stored catalog; job manager and task managers must reach its path
   * @param seed the run's seed
   * @param shuffle how epochs are put in order
   * @param suspects what is done about images that end processes
   * @throws IllegalArgumentException if plan and catalog disagree about the number of images
   */
  public ChunkSource(
      CatalogReference catalog,
      BatchPlan plan,
      long seed,
      Shuffle shuffle,
      FetchConfig fetch,
      SuspectConfig suspects) {
    this.catalog = Objects.requireNonNull(catalog, "catalog");
    this.plan = Objects.requireNonNull(plan, "plan");
    this.seed = seed;
    this.shuffle = Objects.requireNonNull(shuffle, "shuffle");
    this.fetch = Objects.requireNonNull(fetch, "fetch");
    this.suspects = Objects.requireNonNull(suspects, "suspects");
    if (catalog.size() != plan.images()) {
      throw new IllegalArgumentException(
          "the plan must cover the %d images of the catalog: %d"
              .formatted(catalog.size(), plan.images()));
    }
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<EncodedChunk, ChunkSplit> createReader(SourceReaderContext context) {
    return new ChunkReader(
        context, fetch, fetch.chunksPerReader(shuffle, plan.chunkImages()), suspects.trial());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> createEnumerator(
      SplitEnumeratorContext<ChunkSplit> context) {
    return enumerator(context, 0, List.of(), Map.of());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState state) {
    if (state instanceof ChunkEnumeratorState.Unreadable unreadable) {
      return new RefusingEnumerator(
          state, "cannot resume: the state of the source is unreadable: " + unreadable.problem());
    }
    if (!(state instanceof ChunkEnumeratorState.Progress progress)) {
      return new RefusingEnumerator(
          state, "cannot resume: the checkpoint is one of a continuous run (--follow, --events)");
    }
    List<String> differences = differences(progress);
    if (!differences.isEmpty()) {
      return new RefusingEnumerator(
          state, "cannot resume: the checkpoint was made with " + String.join(", ", differences));
    }
    return enumerator(context, progress.nextChunk(), progress.returned(), progress.refused());
  }

  private ChunkEnumerator enumerator(
      SplitEnumeratorContext<ChunkSplit> context,
      long nextChunk,
      List<Long> returned,
      Map<Long, String> refused) {
    return new ChunkEnumerator(
        context,
        new CatalogPlans(catalog, plan, seed, shuffle),
        new ChunkLedger(
            plan.totalChunks(),
            fetch.windowChunks(context.currentParallelism(), shuffle, plan.chunkImages()),
            nextChunk,
            returned),
        Suspects.begin(suspects, refused));
  }

  private List<String> differences(ChunkEnumeratorState.Progress before) {
    List<String> differences = new ArrayList<>();
    compare("catalog digest", before.catalog().digest(), catalog.digest(), differences);
    compare("seed", before.seed(), seed, differences);
    compare("shuffle", KebabCase.of(before.shuffle()), KebabCase.of(shuffle), differences);
    compare("images", before.plan().images(), plan.images(), differences);
    compare("epochs", before.plan().epochs(), plan.epochs(), differences);
    compare("micro-batch", before.plan().microBatch(), plan.microBatch(), differences);
    compare("accumulation", before.plan().accumulation(), plan.accumulation(), differences);
    compare("chunk-images", before.plan().chunkImages(), plan.chunkImages(), differences);
    return differences;
  }

  static void compare(String name, Object before, Object now, List<String> differences) {
    if (!before.equals(now)) {
      differences.add("%s %s, not %s".formatted(name, before, now));
    }
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
