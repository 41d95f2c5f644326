package io.simmim.operators.source;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Emits every chunk of a run once: the images of a catalog, in the order that seed and epoch
 * decide, cut as the plan says. Chunks of different readers arrive in any order, at most {@link
 * FetchConfig#windowChunks} apart; which images a chunk holds depends on (seed, catalog, plan)
 * alone.
 *
 * <p>A checkpoint holds the chunks that readers have and the first one never handed out; on
 * recovery all of them go through the enumerator, so that parallelism may change. A checkpoint of
 * another catalog, seed or plan is refused.
 */
public final class ChunkSource
    implements Source<EncodedChunk, ChunkSplit, ChunkEnumeratorState>,
        SupportsSplitReassignmentOnRecovery {
  private final CatalogReference catalog;
  private final BatchPlan plan;
  private final long seed;
  private final FetchConfig fetch;

  /**
   * Declares the source of a run.
   *
   * @param catalog a stored catalog; job manager and task managers must reach its path
   * @param seed the run's seed
   * @throws IllegalArgumentException if plan and catalog disagree about the number of images
   */
  public ChunkSource(CatalogReference catalog, BatchPlan plan, long seed, FetchConfig fetch) {
    this.catalog = Objects.requireNonNull(catalog, "catalog");
    this.plan = Objects.requireNonNull(plan, "plan");
    this.seed = seed;
    this.fetch = Objects.requireNonNull(fetch, "fetch");
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
    return new ChunkReader(context, fetch, plan.chunkImages());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> createEnumerator(
      SplitEnumeratorContext<ChunkSplit> context) {
    return new ChunkEnumerator(
        context, new ChunkEnumeratorState(seed, catalog, plan, 0, List.of()), fetch.windowChunks());
  }

  @Override
  public SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<ChunkSplit> context, ChunkEnumeratorState state) {
    List<String> differences = differences(state);
    if (!differences.isEmpty()) {
      throw new SuppressRestartsException(
          new UserError(
              "cannot resume: the checkpoint was made with " + String.join(", ", differences)));
    }
    return new ChunkEnumerator(
        context,
        new ChunkEnumeratorState(seed, catalog, plan, state.nextChunk(), state.returned()),
        fetch.windowChunks());
  }

  private List<String> differences(ChunkEnumeratorState state) {
    List<String> differences = new ArrayList<>();
    BatchPlan before = state.plan();
    compare("catalog digest", state.catalog().digest(), catalog.digest(), differences);
    compare("seed", state.seed(), seed, differences);
    compare("images", before.images(), plan.images(), differences);
    compare("epochs", before.epochs(), plan.epochs(), differences);
    compare("micro-batch", before.microBatch(), plan.microBatch(), differences);
    compare("accumulation", before.accumulation(), plan.accumulation(), differences);
    compare("chunk-images", before.chunkImages(), plan.chunkImages(), differences);
    return differences;
  }

  private static void compare(String name, Object before, Object now, List<String> differences) {
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
