package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.labelled.StoredSets;
import io.simmim.pipeline.run.folder.EarlierRun;
import io.simmim.pipeline.run.folder.FreshOutput;
import io.simmim.pipeline.run.folder.Leftovers;
import io.simmim.pipeline.run.folder.OutputUse;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.folder.TrainedModel;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelCopies;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.ConfigurationIdentity;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run whose output, images and starting point are known: everything that is decided before a job
 * is submitted. Runs in the client.
 *
 * <ol>
 *   <li>The output is opened, and its lease taken; one with embeddings, or that is an input, is
 *       refused. {@code --resume none} moves an earlier run in it aside.
 *   <li>An output with a run in it must agree with the configuration, and keeps its catalog.
 *   <li>An output without one gets a catalog of the input, and remembers the configuration.
 *   <li>The checkpoint to continue from is chosen and examined.
 * </ol>
 *
 * @param folder the output
 * @param lease the right to write to it; whoever submits the job closes or leaves it
 * @param images where they come from
 * @param plan how they are cut into steps
 * @param initial what its parameters begin with, unless they are drawn
 * @param colors that the target tells apart, if it does
 * @param labels of a fine-tuning
 * @param identity what a checkpoint must agree with
 * @param restore where to continue; empty at the beginning of a run
 * @param state whether there is anything left to do
 */
public record PreparedRun(
    RunFolder folder,
    RunLease lease,
    RunImages images,
    BatchPlan plan,
    Optional<WeightsReference> initial,
    ClusterColors colors,
    Optional<StoredSets> labels,
    ConfigurationIdentity identity,
    Optional<RestorePoint> restore,
    State state) {
  /** Whether there is anything left to do. */
  public enum State {
    TO_RUN,
    COMPLETE
  }

  private static final Logger LOG = LoggerFactory.getLogger(PreparedRun.class);

  /**
   * Prepares a run.
   *
   * @param given checkpoint that Flink was told to restore ({@code flink run -s}); goes before
   *     {@code resume}
   * @param claim how the lease of the output is taken
   * @param say takes lines for people
   * @throws UserError for everything that the user can mend
   */
  public static PreparedRun prepare(
      SimmimConfig config,
      Resume resume,
      Optional<String> given,
      LeaseTaking.Claim claim,
      Consumer<String> say) {
    String output = requireOutput(config);
    // Read the mask file and the weights: refused before anything is touched.
    Optional<InitialWeights> weights = InitialWeights.of(config, resume);
    Configured configured =
        new Configured(ConfigText.identity(config), weights.map(InitialWeights::reference));
    RunInputs.requireThere(config); // before an output is made
    RunFolder folder = RunFolder.open(output);
    OutputUse.requireNoEmbeddings(folder);
    OutputUse.requireNoInput(folder, config.data().input());
    OutputUse.requireNoInput(folder, config.finetune().validation());
    RunLease lease = LeaseTaking.take(folder, claim, say);
    try {
      OutputUse.requireNoEmbeddings(folder); // some may have begun before the lease was taken
      // A JobManager that takes over from another starts the program again: no reason to start
      // over.
      Resume again = lease.isContinued() ? resume.unlessNone() : resume;
      PreparedRun run = prepare(config, configured, folder, lease, again, given, say);
      if (run.state() == State.TO_RUN && run.restore().isEmpty()) {
        weights.ifPresent(begun -> begun.notes().forEach(say));
      }
      return run;
    } catch (RuntimeException | Error e) {
      lease.withdraw();
      throw e;
    }
  }

  /**
   * What the configuration stands for, files that it names included.
   *
   * @param keys without what the images decide
   */
  private record Configured(ConfigurationIdentity keys, Optional<WeightsReference> initial) {
    ConfigurationIdentity identity() {
      return initial.map(file -> keys.with(InitialWeights.KEY, file.digest())).orElse(keys);
    }
  }

  private static PreparedRun prepare(
      SimmimConfig config,
      Configured configured,
      RunFolder folder,
      RunLease lease,
      Resume resume,
      Optional<String> given,
      Consumer<String> say) {
    EarlierRun earlier = new EarlierRun(folder);
    earlier.finishMove().ifPresent(path -> say.accept(moved(path)));
    if (resume.choice() == Resume.Choice.NONE && given.isEmpty()) {
      RunInputs.requireListed(config); // before anything is moved
      lease.require();
      Optional<Path> aside = earlier.setAside(Clock.systemUTC());
      aside.ifPresent(path -> say.accept(moved(path)));
      aside.ifPresent(path -> lease.began(Optional.of(FreshOutput.without(folder, path, say))));
    }
    OutputUse.requireKinds(folder);
    Optional<RunRecord> stored = RunRecord.read(folder);
    stored.ifPresent(run -> run.requireSame(config, configured.identity(), folder));
    if (stored.isEmpty()) {
      SuspectConfig.forget(folder.suspectsElsewhere());
    }
    boolean choosesPoint = resume.choice() == Resume.Choice.PATH || given.isPresent();
    Supplier<Optional<RestorePoint>> restore =
        () -> {
          Optional<RestorePoint> point = restorePoint(folder, resume, given);
          // A first start has left nothing, and the job of a continued one may be running.
          if (stored.isPresent() && !lease.isContinued()) {
            lease.require();
            cleanUp(config, folder, point);
          }
          return point;
        };
    return config.continuous().isOn()
        ? continuous(config, configured, folder, lease, stored, choosesPoint, restore)
        : finite(config, configured, folder, lease, stored, choosesPoint, restore, say);
  }

  private static String moved(Path aside) {
    return "moved the earlier run to " + readable(aside);
  }

  private static PreparedRun finite(
      SimmimConfig config,
      Configured configured,
      RunFolder folder,
      RunLease lease,
      Optional<RunRecord> stored,
      boolean choosesPoint,
      Supplier<Optional<RestorePoint>> restore,
      Consumer<String> say) {
    CatalogReference catalog =
        stored
            .map(run -> RunCatalog.load(run.catalog().orElseThrow(), folder))
            .orElseGet(() -> RunCatalog.list(config, folder, lease, say));
    BatchPlan plan = plan(config, catalog.size());
    ClusterColors colors =
        stored.isPresent()
            ? ClusterPalette.load(config, folder)
            : ClusterPalette.create(config, Optional.of(catalog), folder, say);
    Optional<StoredSets> labels =
        config.finetune().isOn() ? Optional.of(StoredSets.read(folder)) : Optional.empty();
    ConfigurationIdentity known = RunRecord.identity(configured.identity(), colors);
    ConfigurationIdentity identity = labels.map(sets -> sets.addTo(known)).orElse(known);
    stored.ifPresent(run -> run.requireSame(identity, folder));
    if (stored.isEmpty()) {
      new RunRecord(
              identity, Optional.of(catalog), Optional.of(RunInputs.of(config)), Optional.empty())
          .write(folder);
    }
    boolean complete =
        stored.isPresent()
            && !choosesPoint
            && TrainedModel.isComplete(folder, config.copies().isOn(), plan.totalSteps());
    if (complete) {
      TrainedModel.requireWhole(folder);
    } else {
      writeConfiguration(config, stored.flatMap(RunRecord::inputs), folder);
    }
    return new PreparedRun(
        folder,
        lease,
        new RunImages.Listed(catalog),
        plan,
        configured.initial(),
        colors,
        labels,
        identity,
        complete ? Optional.empty() : restore.get(),
        complete ? State.COMPLETE : State.TO_RUN);
  }

  private static PreparedRun continuous(
      SimmimConfig config,
      Configured configured,
      RunFolder folder,
      RunLease lease,
      Optional<RunRecord> stored,
      boolean choosesPoint,
      Supplier<Optional<RestorePoint>> restorePoint) {
    ArrivalSourceConfig source = ContinuousInputs.of(config, folder);
    ClusterColors colors =
        stored.isPresent()
            ? ClusterPalette.load(config, folder)
            : ClusterPalette.create(config, Optional.empty(), folder, line -> {});
    ConfigurationIdentity identity = RunRecord.identity(configured.identity(), colors);
    stored.ifPresent(run -> run.requireSame(identity, folder));
    Optional<RestorePoint> restore = restorePoint.get();
    BatchPlan endless = config.continuousPlan();
    Optional<Decay> before = stored.flatMap(RunRecord::decay);
    long wanted = config.continuous().decaySteps();
    boolean complete =
        !choosesPoint
            && before.filter(decay -> wanted == 0 || wanted == decay.steps()).isPresent()
            && TrainedModel.isComplete(folder, config.copies().isOn(), before.get().end())
            && TrainedModel.isNewest(folder);
    Optional<Decay> decay = complete ? before : Decay.of(wanted, before, restore, endless);
    BatchPlan plan = decay.map(end -> endless.endingAfter(end.end())).orElse(endless);
    if (complete) {
      TrainedModel.requireWhole(folder);
    } else {
      // Also where nothing changes: a model that is older than this is one of another course.
      new RunRecord(identity, Optional.empty(), Optional.empty(), decay).write(folder);
      writeConfiguration(config, Optional.empty(), folder);
    }
    return new PreparedRun(
        folder,
        lease,
        new RunImages.Arriving(source, decay),
        plan,
        configured.initial(),
        colors,
        Optional.empty(),
        identity,
        restore,
        complete ? State.COMPLETE : State.TO_RUN);
  }

  /**
   * @param inputs what the list of images was made of: a run may be continued without --input
   */
  private static void writeConfiguration(
      SimmimConfig config, Optional<RunInputs> inputs, RunFolder folder) {
    String yaml =
        config.data().input().isEmpty() && inputs.isPresent()
            ? ConfigText.yaml(config, inputs.get().images())
            : ConfigText.yaml(config);
    folder.write(folder.config(), yaml);
    LOG.info("Configuration of the run in {}:\n{}", folder.root(), yaml);
  }

  /** The images of a run that does not get more. */
  public CatalogReference catalog() {
    return ((RunImages.Listed) images).catalog();
  }

  /**
   * What it takes of storage.
   *
   * @param config of the run
   * @throws UserError if the list of images cannot be read
   */
  public RunSize size(SimmimConfig config) {
    if (images instanceof RunImages.Arriving) {
      return RunSize.ofContinuous(config);
    }
    try {
      int classes = labels.map(sets -> sets.training().labels().classes().size()).orElse(0);
      return RunSize.of(config, Catalog.read(catalog()), plan, classes);
    } catch (IOException e) {
      throw RunCatalog.unreadable(catalog(), e);
    }
  }

  /** Folder of the exported model, as people write it. */
  public String model() {
    return readable(new Path(ModelPaths.trained(folder.root().toString())));
  }

  private static String requireOutput(SimmimConfig config) {
    if (config.output() == null) {
      throw new UserError("--output is missing (allowed: a folder on any Flink file system)");
    }
    return config.output();
  }

  /** How so many images are cut into steps. */
  static BatchPlan plan(SimmimConfig config, long images) {
    try {
      return config.plan(images);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private static Optional<RestorePoint> restorePoint(
      RunFolder folder, Resume resume, Optional<String> given) {
    if (given.isPresent()) {
      return Optional.of(RestorePoint.at(given.get()));
    }
    return switch (resume.choice()) {
      case LATEST -> RestorePoint.latest(folder);
      case NONE -> Optional.empty();
      case PATH -> Optional.of(RestorePoint.at(resume.path()));
    };
  }

  /** Checkpoints and what else Flink leaves behind when a run is killed and continued. */
  private static void cleanUp(
      SimmimConfig config, RunFolder folder, Optional<RestorePoint> restore) {
    if (!config.copies().isOn()) {
      ModelCopies.of(folder.root().toString()).deleteAfter(0); // nobody will look at them
    }
    RestorePoint.deleteOldCheckpoints(folder, config.checkpoint().retained(), restore);
    Leftovers.delete(folder);
  }
}
