package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.arrival.ArrivalSequence;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.SourceCheckpoint;
import io.simmim.operators.source.enumerator.ChunkPlanner;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.TrainingOperatorConfig;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.flink.core.fs.Path;

/**
 * A run as its output tells of it, whether it is under way or not: which images each of its steps
 * has. Takes no lease and writes nothing.
 *
 * @param folder the output
 * @param record what a continued run must agree with
 * @param config of the run, as it was last started
 * @param roots where its images come from
 * @param plan how its images are cut into steps; of a continuous run with the end that it was told
 * @param steps that are known: all of a run over a catalog, of a continuous one those that its
 *     newest log has
 * @param chunks the images of a chunk; belongs to one thread, and so do the lists that it gives
 * @param log of a continuous run
 */
public record StoredRun(
    RunFolder folder,
    RunRecord record,
    SimmimConfig config,
    CatalogRoots roots,
    BatchPlan plan,
    long steps,
    LongFunction<ChunkSplit> chunks,
    Optional<ArrivalLog> log) {

  /**
   * Reads a run.
   *
   * @param uri its output
   * @param assignments {@code key=value} that tell how storage is reached from here
   * @throws UserError if there is no run, or it cannot be repeated from what is there
   */
  public static StoredRun read(String uri, List<String> assignments) {
    SimmimConfig told = new ConfigLoader().set(assignments).load().config();
    LocalFileSystems.initialize(told.flink(), told.fetch(), 1);
    try {
      RunFolder folder = existing(uri);
      RunRecord record = RunRecord.read(folder).orElseThrow(() -> noRun(uri));
      String text = folder.read(folder.config()).orElseThrow(() -> noRun(uri));
      ConfigLoader.Loaded loaded =
          new ConfigLoader().stored(text, readable(folder.config())).set(assignments).load();
      SimmimConfig config = loaded.config();
      LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
      List<String> differences = record.differences(ConfigText.identity(config));
      requireWhole(text, differences, loaded.explicit(), folder);
      if (!differences.isEmpty()) {
        throw new UserError(
            "the samples of the run in %s cannot be made again: %s"
                .formatted(readable(folder.root()), String.join("; ", differences)));
      }
      return record.catalog().isPresent()
          ? listed(folder, record, config, record.catalog().get())
          : arriving(folder, record, config);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(uri, e);
    }
  }

  /** Who wrote the file wrote every key: a default that stands in for one is not the run's. */
  private static void requireWhole(
      String text, List<String> differences, Set<String> written, RunFolder folder) {
    List<String> missing =
        differences.stream()
            .map(difference -> difference.substring(0, difference.indexOf(':')))
            .filter(key -> !written.contains(key))
            .toList();
    if (text.isBlank() || !missing.isEmpty()) {
      throw new UserError(
          "%s is damaged: %s"
              .formatted(
                  readable(folder.config()),
                  text.isBlank() ? "it is empty" : "it lacks " + String.join(", ", missing)));
    }
  }

  private static UserError noRun(String uri) {
    return FolderContent.hindrance(StorageUri.path("OUTPUT", uri))
        .map(e -> unreadable(uri, e))
        .orElseGet(
            () -> new UserError("no run in %s (allowed: the output of a run)".formatted(uri)));
  }

  private static UserError unreadable(String uri, Exception cause) {
    return new UserError("cannot read %s: %s".formatted(uri, StorageFailure.reason(cause)), cause);
  }

  /** Opening makes folders that are missing. */
  private static RunFolder existing(String uri) throws IOException {
    Path root = StorageUri.path("OUTPUT", uri);
    if (!RunFolder.exists(root.getFileSystem(), root)) {
      throw noRun(uri);
    }
    return RunFolder.open(uri);
  }

  private static StoredRun listed(
      RunFolder folder, RunRecord record, SimmimConfig config, CatalogReference known)
      throws IOException {
    // The output may have been moved since.
    String path = folder.catalog().toString();
    Catalog catalog = Catalog.read(new CatalogReference(path, known.digest(), known.size()));
    BatchPlan plan = config.plan(catalog.size());
    ChunkPlanner planner = new ChunkPlanner(catalog, plan, config.seed(), config.data().shuffle());
    return new StoredRun(
        folder,
        record,
        config,
        new CatalogRoots(catalog.roots()),
        plan,
        plan.totalSteps(),
        planner::split,
        Optional.empty());
  }

  private static StoredRun arriving(RunFolder folder, RunRecord record, SimmimConfig config) {
    StoredImages stored = StoredImages.read(folder.root().toString(), config);
    ArrivalSequence sequence = new ArrivalSequence(stored.log().orElseThrow());
    BatchPlan endless = config.continuousPlan();
    BatchPlan plan = record.decay().map(end -> endless.endingAfter(end.end())).orElse(endless);
    return new StoredRun(
        folder,
        record,
        config,
        new CatalogRoots(StorageProbe.places(sequence.log().roots()), true),
        plan,
        sequence.log().chunks() / plan.chunksPerStep(),
        chunk ->
            new ChunkSplit(
                chunk, plan.epochOf(chunk), plan.firstPositionOf(chunk), sequence.images(chunk)),
        stored.log());
  }

  /**
   * The chunks of a step, in order.
   *
   * @param step from 1
   * @throws UserError if the run has no such step
   */
  public List<ChunkSplit> chunksOf(long step) {
    if (step < 1 || step > steps) {
      String allowed =
          steps == 0
              ? "there is none yet"
              : "allowed: 1 to %d%s"
                  .formatted(
                      steps, plan.isContinuous() ? ", as far as the newest checkpoint knows" : "");
      throw new UserError("the run has no step %d (%s)".formatted(step, allowed));
    }
    long first = (step - 1) * plan.chunksPerStep();
    return LongStream.range(first, first + plan.chunksPerStep()).mapToObj(chunks).toList();
  }

  /** Whether a checkpoint is on the way of this run: of the same images in the same order. */
  public boolean passes(SourceCheckpoint checkpoint) {
    return log.isPresent()
        ? checkpoint.catalog().isEmpty()
            && checkpoint.log().stream().allMatch(begun -> begun.isBeginningOf(log.get()))
        : checkpoint.catalog().equals(record.catalog().map(CatalogReference::digest));
  }

  /** The colours that the target of a pre-training tells apart, if it does. */
  public ClusterColors colors() {
    return ClusterPalette.load(config, folder);
  }

  /**
   * What the trainer of a pre-training was told.
   *
   * @param initial see {@link #initial}; not needed to go on from a checkpoint
   * @throws UserError if that is no longer known
   */
  public TrainingOperatorConfig trainer(Optional<WeightsReference> initial) {
    ClusterColors colors = colors();
    List<String> differences =
        RunRecord.identity(record.identity(), colors).differencesFrom(record.identity());
    if (!differences.isEmpty()) {
      throw new UserError(
          "the run in %s cannot be trained again: %s"
              .formatted(readable(folder.root()), String.join("; ", differences)));
    }
    return new TrainerSetup(folder, plan, record.decay(), initial, record.identity())
        .with(config, config.trainer(colors));
  }

  /**
   * What the parameters of the run were read from at its beginning, unless they were drawn.
   *
   * @throws UserError if nothing is there any more
   */
  public Optional<WeightsReference> initial() {
    return InitialWeights.begun(config, record);
  }
}
