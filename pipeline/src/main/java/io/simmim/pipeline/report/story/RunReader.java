package io.simmim.pipeline.report.story;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.pipeline.analyze.MaskReport;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.report.checkpoint.Checkpoints;
import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.story.RunReport.Part;
import io.simmim.pipeline.report.watched.ShownPictures;
import io.simmim.pipeline.run.Decay;
import io.simmim.pipeline.run.RunRecord;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseRecord;
import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Reads what a run has left in its output, on any Flink file system. Nothing is written there. What
 * cannot be read is named in the report, and the rest is told all the same.
 */
public final class RunReader {
  /** A run gives a sign of life every 5 seconds, and clocks of machines differ. */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final RunFolder folder;
  private final Clock clock;
  private final List<String> problems = new ArrayList<>();
  private final Set<Part> unread = EnumSet.noneOf(Part.class);

  private RunReader(RunFolder folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Reads a run, as it stands.
   *
   * @param uri output of the run
   * @throws UserError if it is not one
   */
  public static RunReport read(String uri, Clock clock) {
    return new RunReader(folder(uri), clock).read();
  }

  /** Opening a folder would create it. */
  private static RunFolder folder(String uri) {
    try {
      Path root = StorageUri.path("OUTPUT", uri);
      if (isRun(root)) {
        return RunFolder.open(uri);
      }
      Optional<IOException> hindrance = FolderContent.hindrance(root);
      if (hindrance.isPresent()) {
        throw hindrance.get();
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          String.format(Locale.ROOT, "cannot read %s: %s", uri, StorageFailure.reason(e)), e);
    }
    throw new UserError(
        String.format(
            Locale.ROOT,
            "no run in %s (allowed: the output of a run, a folder with run.json or metrics.jsonl)",
            uri));
  }

  /** Whether a folder is the output of a run. */
  public static boolean isRun(Path root) throws IOException {
    FileSystem files = root.getFileSystem();
    for (String name : List.of("run.json", "metrics.jsonl")) {
      if (RunFolder.exists(files, new Path(root, name))) {
        return true;
      }
    }
    return false;
  }

  private RunReport read() {
    Instant now = clock.instant();
    Validations.Lines measured = new Validations.Lines();
    part(Part.VALIDATION, () -> lines(folder.validation(), measured::add));
    Checkpoints checkpoints = part(Part.CHECKPOINTS, this::checkpoints).orElse(Checkpoints.NONE);
    StepLines steps =
        new StepLines(
            measured::isAfter, step -> checkpoints.restartsAfter().getOrDefault(step, List.of()));
    part(Part.METRICS, () -> lines(folder.metrics(), steps::add));
    Evaluations.Lines evaluated = new Evaluations.Lines();
    part(Part.EVALUATION, () -> lines(folder.evaluation(), evaluated::add));
    RejectedImages.Lines rejected = new RejectedImages.Lines();
    part(Part.REJECTED, () -> lines(folder.rejected(), rejected::add));
    StepHistory history = steps.result();
    Optional<SimmimConfig> config = part(Part.CONFIG, this::config).flatMap(it -> it);
    Optional<RunRecord> record =
        part(Part.RECORD, () -> RunRecord.read(folder)).flatMap(found -> found);
    Goal goal = goal(config, record);
    return new RunReport(
        RunFolder.readable(folder.root()),
        now,
        part(Part.LOCK, () -> state(goal, history, now))
            .orElse(new RunState(RunState.Kind.UNKNOWN, Optional.empty())),
        goal,
        history,
        rejected.result(),
        measured.result(),
        evaluated.result(),
        part(Part.PICTURES, () -> ShownPictures.of(folder)).orElse(ShownPictures.NONE),
        part(Part.ARRIVALS, () -> Arrivals.of(folder)).flatMap(found -> found),
        part(Part.STORED, () -> StoredParts.of(folder))
            .orElse(new StoredParts(List.of(), List.of())),
        checkpoints,
        config.map(ComparedConfig::of),
        config
            .filter(known -> !known.finetune().isOn())
            .flatMap(known -> part(Part.MASKS, () -> MaskReport.line(known)))
            .orElse(""),
        problems,
        unread);
  }

  private Checkpoints checkpoints() throws IOException {
    Checkpoints.Lines lines = new Checkpoints.Lines();
    StoredLines.forEachNode(folder.checkpointCosts(), lines::add);
    return lines.result();
  }

  private static boolean lines(Path path, Consumer<String> each) throws IOException {
    StoredLines.forEach(path, each);
    return true;
  }

  /** A part of the output that may be damaged. */
  private <T> Optional<T> part(Part part, Callable<T> read) {
    try {
      return Optional.of(read.call());
    } catch (IOException e) {
      problems.add(part.unreadable() + ": " + StorageFailure.reason(e));
    } catch (Exception e) {
      problems.add(part.unreadable() + ": " + e.getMessage());
    }
    unread.add(part);
    return Optional.empty();
  }

  private Optional<SimmimConfig> config() {
    String name = folder.config().getName();
    return folder
        .read(folder.config())
        .map(yaml -> new ConfigLoader().text(yaml, name).load().config());
  }

  private Goal goal(Optional<SimmimConfig> config, Optional<RunRecord> record) {
    if (record.isEmpty()) {
      return Goal.UNKNOWN;
    }
    Optional<CatalogReference> catalog = record.get().catalog();
    if (catalog.isEmpty()) {
      Optional<Decay> decay = record.get().decay();
      return new Goal(
          OptionalLong.empty(),
          OptionalLong.empty(),
          decay.map(end -> OptionalLong.of(end.end())).orElse(OptionalLong.empty()),
          true);
    }
    OptionalLong images = OptionalLong.of(catalog.get().size());
    return config
        .flatMap(known -> part(Part.PLAN, () -> known.plan(catalog.get().size())))
        .map((BatchPlan plan) -> goal(images, plan))
        .orElse(new Goal(images, OptionalLong.empty(), OptionalLong.empty(), false));
  }

  private static Goal goal(OptionalLong images, BatchPlan plan) {
    return new Goal(
        images, OptionalLong.of(plan.epochs()), OptionalLong.of(plan.totalSteps()), true);
  }

  private RunState state(Goal goal, StepHistory history, Instant now) throws IOException {
    Optional<LeaseRecord> lease = LeaseRecord.read(folder.lock());
    Optional<Instant> sign = Optional.empty();
    if (lease.isPresent()) {
      long written = folder.files().getFileStatus(folder.lock()).getModificationTime();
      sign = Optional.of(Instant.ofEpochMilli(written));
    }
    boolean held = lease.filter(found -> !found.free() && !found.hasEnded()).isPresent();
    boolean heard = sign.filter(time -> time.plus(SILENCE).isAfter(now)).isPresent();
    if (held && heard) {
      return new RunState(RunState.Kind.UNDER_WAY, sign);
    }
    if (isComplete(goal, history)) {
      return new RunState(RunState.Kind.FINISHED, sign);
    }
    if (unread.contains(Part.METRICS)) {
      return new RunState(RunState.Kind.UNKNOWN, sign);
    }
    boolean givenBack = lease.map(LeaseRecord::free).orElse(false);
    return new RunState(givenBack ? RunState.Kind.STOPPED : RunState.Kind.SILENT, sign);
  }

  private boolean isComplete(Goal goal, StepHistory history) throws IOException {
    Path weights =
        new Path(ModelPaths.trained(folder.root().toString()) + "/" + ModelPaths.WEIGHTS);
    return history.lastStep() >= goal.steps().orElse(1)
        && RunFolder.exists(folder.files(), weights);
  }
}
