package io.simmim.pipeline.job;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.kafka.WrittenTopic;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.trial.ImageTrial;
import io.simmim.pipeline.analyze.MaskReport;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.config.watch.ReportConfig;
import io.simmim.pipeline.estimate.StepTime;
import io.simmim.pipeline.job.settings.FlinkSettings;
import io.simmim.pipeline.job.settings.SlotGroups;
import io.simmim.pipeline.job.signal.EarlyStop;
import io.simmim.pipeline.job.told.FailureLine;
import io.simmim.pipeline.job.told.RestInterface;
import io.simmim.pipeline.mlflow.MlflowEnd;
import io.simmim.pipeline.mlflow.MlflowTarget;
import io.simmim.pipeline.report.ProgressReport;
import io.simmim.pipeline.report.serve.ReportServer;
import io.simmim.pipeline.run.PreparedRun;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.RunImages;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.LeaseTimes;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.pipeline.watch.WatchConfig;
import io.simmim.pipeline.watch.WatchedLists;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.torch.Processor;
import io.simmim.trainer.torch.TorchDevice;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.client.program.ProgramAbortException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.DetachedJobExecutionResult;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs a training job to its end: embedded, or where {@code flink run} submits it. */
public final class TrainingRun {
  /** Where a job runs. */
  public enum Place {
    /** In this process, with Flink's web UI. */
    EMBEDDED,
    /** Where the environment says: a cluster under {@code flink run}, else in this process. */
    AS_FLINK_SAYS
  }

  /** How a run ended. */
  public enum End {
    COMPLETE,
    /** Another run had completed it before. */
    WAS_COMPLETE,
    /** The job runs on its own ({@code flink run -d}). */
    DETACHED,
    /** The user stopped it; its state is saved. */
    STOPPED
  }

  private final ConfigLoader.Loaded loaded;
  private final Resume resume;
  private final Takeover takeover;
  private final Consumer<String> say;

  /**
   * A run that has yet to start.
   *
   * @param say takes lines for people
   */
  public TrainingRun(
      ConfigLoader.Loaded loaded, Resume resume, Takeover takeover, Consumer<String> say) {
    this.loaded = loaded;
    this.resume = resume;
    this.takeover = takeover;
    this.say = say;
  }

  /**
   * Runs the job and waits for its end.
   *
   * @throws io.simmim.schemas.UserError for everything that the user can mend before the job starts
   * @throws Exception as Flink reports the failure of a job
   */
  public End run(Place place) throws Exception {
    StreamExecutionEnvironment env = environment(place, loaded.config());
    int parallelism =
        loaded.config().parallelism() > 0 ? loaded.config().parallelism() : env.getParallelism();
    FlinkSettings.requireParallelism(parallelism);
    ReadableConfig told = env.getConfiguration();
    boolean embedded = env instanceof LocalStreamEnvironment;
    SlotGroups.requireHeeded(loaded.config().resources(), told, embedded);
    if (!embedded) {
      return run(env, parallelism, Optional.empty());
    }
    try (EarlyStop early = new EarlyStop(say)) {
      TorchDevice.require(loaded.config().training().device());
      return run(env, parallelism, Optional.of(early));
    }
  }

  /**
   * Prepares the run and runs its job.
   *
   * @param early of a job in this process
   */
  private End run(StreamExecutionEnvironment env, int parallelism, Optional<EarlyStop> early)
      throws Exception {
    boolean embedded = early.isPresent();
    ReadableConfig told = env.getConfiguration();
    PreparedRun run =
        PreparedRun.prepare(
            loaded.config(),
            resume,
            told.getOptional(StateRecoveryOptions.SAVEPOINT_PATH),
            claim(told, embedded, takeover),
            say);
    try (RunLease lease = run.lease()) {
      try {
        return run(env, parallelism, run, early);
      } catch (UserError | ProgramAbortException e) { // before the job, or after its end
        lease.withdraw();
        throw e;
      }
    }
  }

  private End run(
      StreamExecutionEnvironment env, int parallelism, PreparedRun run, Optional<EarlyStop> early)
      throws Exception {
    boolean embedded = early.isPresent();
    ReadableConfig told = env.getConfiguration();
    Optional<MlflowEnd> mlflow =
        MlflowTarget.of(loaded.config(), run.folder()).map(it -> new MlflowEnd(it, say));
    if (run.state() == PreparedRun.State.COMPLETE) {
      say.accept("already complete: all %d steps are done".formatted(run.plan().totalSteps()));
      say.accept(run.model());
      RunLines.accuracy(run).forEach(say);
      if (mlflow.isPresent()) {
        mlflow.get().catchUp();
      }
      return End.WAS_COMPLETE;
    }
    requireRejectTopic(run);
    int kept = keptCheckpoints(told, embedded); // before the job's own settings are among them
    env.configure(FlinkSettings.of(loaded, run.folder(), run.restore(), told));
    SuspectConfig suspects =
        SuspectConfig.ofNewJob(
            new ImageTrial(loaded.config().image(), loaded.config().seed()),
            embedded ? run.folder().suspects() : run.folder().suspectsElsewhere());
    if (embedded) {
      suspects.lastWords().ifPresent(say);
    }
    TrainingJob.build(
        env,
        loaded.config(),
        run,
        watch(loaded.config(), run),
        parallelism,
        embedded ? ProgressReport.Target.STANDARD_OUTPUT : ProgressReport.Target.LOG,
        suspects,
        embedded ? GpuLoss.ENDS_JOB : GpuLoss.ENDS_PROCESS);
    say.accept(RunLines.beginning(run));
    RunLines.size(run.size(loaded.config()), kept).forEach(say);
    if (!loaded.config().finetune().isOn()) {
      say.accept(MaskReport.line(loaded.config()));
    }
    if (embedded) {
      loaded.config().settings().slownessOn(Processor.current()).ifPresent(say);
      StepTime.slownessOnCpu(loaded.config()).ifPresent(say);
    }
    Runnable stopped = () -> mlflow.ifPresent(MlflowEnd::stopped);
    String name = "simmim " + RunFolder.readable(run.folder().root());
    run.lease().require();
    try {
      return embedded
          ? runHere(env, run, name, early.get(), suspects, stopped)
          : runOnCluster(env, run, name, stopped);
    } catch (Exception e) {
      if (RunLines.isCancelled(e)) {
        stopped.run();
      } else if (mlflow.isPresent()) {
        mlflow.get().failed();
      }
      FailureLine.userError(e)
          .flatMap(line -> RunLines.afterwards(line, run.restore(), run.folder()))
          .ifPresent(say);
      throw e;
    }
  }

  /** The job would find out at the first rejected image only, and try again and again. */
  private void requireRejectTopic(PreparedRun run) {
    String topic = loaded.config().reject().topic();
    if (topic != null && !run.lease().isContinued()) {
      WrittenTopic.require(KafkaTopic.parse(topic), loaded.config().kafka().values());
    }
  }

  /** On a cluster its JobManager decides how many: what a job says of it counts for nothing. */
  private int keptCheckpoints(ReadableConfig told, boolean embedded) throws InterruptedException {
    return embedded
        ? loaded.config().checkpoint().retained()
        : RestInterface.configuration(Configuration.fromMap(told.toMap()))
            .get(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS);
  }

  private End runHere(
      StreamExecutionEnvironment env,
      PreparedRun run,
      String name,
      EarlyStop early,
      SuspectConfig suspects,
      Runnable stopped)
      throws Exception {
    Optional<ReportServer> report = reportOf(run);
    try {
      Optional<JobExecutionResult> result =
          EmbeddedFlink.run(env, name, run.folder(), run.lease(), early, suspects, say, stopped);
      if (result.isEmpty()) {
        return End.STOPPED;
      }
      return end(run, result.get(), stopped);
    } finally {
      report.ifPresent(ReportServer::close);
    }
  }

  private End end(PreparedRun run, JobExecutionResult result, Runnable stopped)
      throws JobExecutionException {
    Optional<String> line = RunLines.stopped(run);
    if (line.isPresent()) {
      say.accept(line.get());
      stopped.run();
      return End.STOPPED;
    }
    RunLines.end(run, result.getJobID()).forEach(say);
    return End.COMPLETE;
  }

  /** Served while it runs in this process. */
  private Optional<ReportServer> reportOf(PreparedRun run) {
    ReportConfig config = loaded.config().report();
    if (!config.isOn()) {
      return Optional.empty();
    }
    String output = run.folder().root().toString();
    try {
      ReportServer server = ReportServer.start(List.of(output), config.port());
      say.accept("report: " + server.address());
      return Optional.of(server);
    } catch (IOException e) {
      throw new UserError(
          "report.port must be a port that is free, 0 for any or -1 for no page: %d (%s)"
              .formatted(config.port(), e.getMessage()),
          e);
    }
  }

  private Optional<WatchConfig> watch(SimmimConfig config, PreparedRun run) {
    if (!config.copies().isOn()) {
      return Optional.empty();
    }
    Optional<CatalogReference> trained =
        run.images() instanceof RunImages.Listed listed
            ? Optional.of(listed.catalog())
            : Optional.empty();
    return Optional.of(
        new WatchConfig(
            run.folder().root().toString(),
            config.image(),
            config.fetch(),
            SamplePath.of(config).mask(),
            config.seed(),
            config.eval().isOn() ? config.eval().probeEpochs() : 0,
            config.training().device(),
            WatchedLists.prepare(config, run.folder(), trained, run.lease()::require, say)));
  }

  static LeaseTaking.Claim claim(ReadableConfig told, boolean embedded, Takeover takeover) {
    return new LeaseTaking.Claim(
        FlinkSettings.owner(told),
        embedded ? LeaseTaking.Holder.RUNS_THE_JOB : LeaseTaking.Holder.SUBMITS_THE_JOB,
        takeover,
        LeaseTimes.DEFAULT);
  }

  /** For a process that is about to end, when nothing runs in it any more. */
  public static void removeScratch() {
    ProcessScratch.remove();
  }

  static StreamExecutionEnvironment environment(Place place, SimmimConfig config) {
    if (place == Place.EMBEDDED) {
      return EmbeddedFlink.environment(config);
    }
    FlinkSettings.requireVersion(EnvironmentInformation.getVersion());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    if (env instanceof LocalStreamEnvironment) {
      return EmbeddedFlink.environment(config);
    }
    Set<String> keys = new TreeSet<>(config.flink().values().keySet());
    if (!keys.isEmpty()) {
      throw new UserError(
          "flink.* is for runs in this process; a cluster has a configuration of its own: "
              + String.join(", ", keys));
    }
    FlinkSettings.requireOwnSettings(env.getConfiguration());
    FlinkSettings.requireScheduler(env.getConfiguration());
    return env;
  }

  private End runOnCluster(
      StreamExecutionEnvironment env, PreparedRun run, String name, Runnable stopped)
      throws Exception {
    say.accept(
        "to stop it: flink stop --savepointPath %s JOB-ID; the same command continues"
            .formatted(RunFolder.readable(run.folder().savepoints())));
    JobExecutionResult result = ClusterJob.execute(env, name, run.folder(), say);
    if (result instanceof DetachedJobExecutionResult) {
      run.lease().leave();
      say.accept("submitted; the model will be in " + run.model());
      return End.DETACHED;
    }
    return end(run, result, stopped);
  }
}
