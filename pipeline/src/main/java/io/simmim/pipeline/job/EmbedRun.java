package io.simmim.pipeline.job;

import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.trial.ImageTrial;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.embed.EmbedFunction;
import io.simmim.pipeline.embed.EmbedImages;
import io.simmim.pipeline.embed.EmbedModel;
import io.simmim.pipeline.embed.EmbedRecord;
import io.simmim.pipeline.embed.EmbedRecord.Stage;
import io.simmim.pipeline.embed.FeatureKind;
import io.simmim.pipeline.embed.ImageCount;
import io.simmim.pipeline.embed.RowFormat;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.job.TrainingRun.End;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.pipeline.job.settings.FlinkSettings;
import io.simmim.pipeline.job.signal.EarlyStop;
import io.simmim.pipeline.run.folder.OutputUse;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.pipeline.sink.RejectedSink;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EmbeddedImage;
import io.simmim.schemas.evaluation.EmbeddedImageSerializer;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.torch.TorchDevice;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.client.program.ProgramAbortException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.DetachedJobExecutionResult;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Writes the features of images to files, each image once: images → decode and embed → file sink,
 * all chained and parallel, and a side output of rejected images. Each file belongs to a checkpoint
 * and appears when that is complete, so nothing is lost or doubled wherever the job is killed.
 *
 * @param loaded with input and output
 * @param model folder of an exported model, or output of a run
 * @param kind which features
 * @param format of the files
 * @param device of the model
 */
public record EmbedRun(
    ConfigLoader.Loaded loaded, String model, FeatureKind kind, RowFormat format, String device) {
  /** Folder in the output with the rows. */
  public static final String ROWS = "embeddings";

  /**
   * Runs the job and waits for its end.
   *
   * @param say takes lines for people; the last one is the folder with the rows
   * @throws UserError for everything that the user can mend before the job starts
   * @throws Exception as Flink reports the failure of a job
   */
  public End run(Place place, Consumer<String> say) throws Exception {
    SimmimConfig config = loaded.config();
    StreamExecutionEnvironment env = TrainingRun.environment(place, config);
    int parallelism = config.parallelism() > 0 ? config.parallelism() : env.getParallelism();
    FlinkSettings.requireParallelism(parallelism);
    boolean embedded = env instanceof LocalStreamEnvironment;
    if (!embedded) {
      return run(env, parallelism, say, Optional.empty());
    }
    try (EarlyStop early = new EarlyStop(say)) {
      TorchDevice.require(device);
      return run(env, parallelism, say, Optional.of(early));
    }
  }

  private End run(
      StreamExecutionEnvironment env,
      int parallelism,
      Consumer<String> say,
      Optional<EarlyStop> early)
      throws Exception {
    SimmimConfig config = loaded.config();
    boolean embedded = early.isPresent();
    ReadableConfig told = env.getConfiguration();
    ModelFolder found = ModelFolder.find(model); // before an output is made
    requireClassToken(found);
    RunFolder folder = RunFolder.open(config.output());
    OutputUse.requireNoRun(folder);
    OutputUse.requireNoInput(folder, config.data().input());
    OutputUse.requireKinds(folder);
    found.notes().forEach(say);
    try (RunLease lease =
        LeaseTaking.take(folder, TrainingRun.claim(told, embedded, Takeover.IF_DEAD), say)) {
      try {
        return run(env, parallelism, found, folder, lease, early, say);
      } catch (UserError | ProgramAbortException e) { // before the job, or after its end
        lease.withdraw();
        throw e;
      }
    }
  }

  private End run(
      StreamExecutionEnvironment env,
      int parallelism,
      ModelFolder found,
      RunFolder folder,
      RunLease lease,
      Optional<EarlyStop> early,
      Consumer<String> say)
      throws Exception {
    SimmimConfig config = loaded.config();
    boolean embedded = early.isPresent();
    ReadableConfig told = env.getConfiguration();
    OutputUse.requireNoRun(folder); // one may have begun before the lease was taken
    Optional<EmbedRecord> before = EmbedRecord.read(folder);
    EmbedImages images = EmbedImages.of(config, folder, before, say);
    EmbedModel shown = shown(found);
    EmbedRecord record = record(shown, images).withInput(config.data().input(), before);
    before.ifPresent(earlier -> earlier.requireSame(record));
    Stage stage = before.map(EmbedRecord::stage).orElse(Stage.BEGUN);
    if (stage == Stage.COMPLETE) {
      return complete(folder, say);
    }
    Optional<RestorePoint> given =
        told.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).map(RestorePoint::at);
    Optional<RestorePoint> restore = given.or(() -> RestorePoint.latest(folder));
    if (restore.isEmpty() && stage == Stage.COUNTED) {
      record.at(Stage.COMPLETE).write(folder);
      return complete(folder, say);
    }
    if (restore.isEmpty()) {
      requireNoRows(folder);
    }
    // The newest checkpoint has all images if one before it had them.
    record.at(given.isPresent() ? Stage.BEGUN : stage).write(folder);
    env.configure(FlinkSettings.of(loaded, folder, restore, told));
    SuspectConfig suspects =
        SuspectConfig.ofNewJob(
            new ImageTrial(config.image(), config.seed()),
            embedded ? folder.suspects() : folder.suspectsElsewhere());
    GpuLoss gpuLoss = embedded ? GpuLoss.ENDS_JOB : GpuLoss.ENDS_PROCESS;
    build(env, folder, record, images, shown, parallelism, suspects, gpuLoss);
    say.accept(beginning(folder, images, shown, restore));
    return execute(env, folder, lease, record, early, suspects, say);
  }

  private static End complete(RunFolder folder, Consumer<String> say) {
    say.accept("already complete: all images are embedded");
    say.accept(rows(folder));
    return End.WAS_COMPLETE;
  }

  private End execute(
      StreamExecutionEnvironment env,
      RunFolder folder,
      RunLease lease,
      EmbedRecord record,
      Optional<EarlyStop> early,
      SuspectConfig suspects,
      Consumer<String> say)
      throws Exception {
    String name = "simmim embed " + RunFolder.readable(folder.root());
    if (early.isPresent()) {
      suspects.lastWords().ifPresent(say);
      if (EmbeddedFlink.run(env, name, folder, lease, early.get(), suspects, say, () -> {})
          .isEmpty()) {
        return End.STOPPED;
      }
    } else {
      JobExecutionResult result = ClusterJob.execute(env, name, folder, say);
      if (result instanceof DetachedJobExecutionResult) {
        say.accept("submitted; rows will be in " + rows(folder));
        return End.DETACHED;
      }
    }
    // A job that was stopped with a savepoint has come to its end, too.
    if (EmbedRecord.read(folder).filter(it -> it.stage() == Stage.COUNTED).isEmpty()) {
      say.accept("stopped before all images were embedded; the same command continues");
      return End.STOPPED;
    }
    record.at(Stage.COMPLETE).write(folder);
    say.accept("all images are embedded; the rows are in");
    say.accept(rows(folder));
    return End.COMPLETE;
  }

  private void build(
      StreamExecutionEnvironment env,
      RunFolder folder,
      EmbedRecord record,
      EmbedImages images,
      EmbedModel shown,
      int parallelism,
      SuspectConfig suspects,
      GpuLoss gpuLoss) {
    SimmimConfig config = loaded.config();
    SingleOutputStreamOperator<EmbeddedImage> rows =
        env.fromSource(
                new ChunkSource(images.plans(), config.fetch(), suspects)
                    .ofStart(RestorePoint.nextStart(folder)),
                WatermarkStrategy.noWatermarks(),
                "images",
                EncodedChunkSerializer.TYPE)
            .uid("images")
            .setParallelism(parallelism)
            .process(
                new EmbedFunction(
                    shown,
                    kind,
                    images.labels(),
                    config.image().withSize(shown.imageSize()),
                    gpuLoss))
            .returns(EmbeddedImageSerializer.TYPE)
            .name("decode, embed")
            .uid("embed")
            .setParallelism(parallelism);
    rows.sinkTo(format.sink(new Path(folder.root(), ROWS), shown.digest()))
        .name("rows")
        .uid("rows")
        .setParallelism(parallelism);
    if (images.count().isPresent()) {
      rows.getSideOutput(EmbedFunction.COUNTED)
          .transform(
              "count",
              Types.LONG,
              new ImageCount(
                  images.count().getAsLong(),
                  OutputUse.embeddings(folder),
                  record.at(Stage.COUNTED).text()))
          .uid("count")
          .setParallelism(1);
    }
    rows.getSideOutput(EmbedFunction.REJECTED)
        .sinkTo(new RejectedSink(folder.rejected()))
        .name("rejected images")
        .uid("rejected")
        .setParallelism(1);
  }

  private EmbedModel shown(ModelFolder found) throws IOException {
    return new EmbedModel(
        found.folder().toString(),
        found.digest(),
        found.imageSize(),
        found.description().model().maskSide(),
        found.description().model().normalization(),
        device);
  }

  private EmbedRecord record(EmbedModel shown, EmbedImages images) {
    Map<String, String> values = new TreeMap<>(images.values());
    values.put("model", shown.digest());
    values.put(EmbedRecord.NORMALIZATION, shown.normalization().toString());
    values.put("features", KebabCase.of(kind));
    values.put("format", KebabCase.of(format));
    return new EmbedRecord(values, Stage.BEGUN);
  }

  private void requireClassToken(ModelFolder found) {
    MaskedImageModel described =
        new MaskedImageModel(found.description().model(), found.description().colors());
    if (kind == FeatureKind.CLASS && !described.hasClassToken()) {
      throw new UserError("--features must be mean or map for a model without class token: class");
    }
  }

  private static void requireNoRows(RunFolder folder) {
    Path rows = new Path(folder.root(), ROWS);
    try {
      boolean any =
          FolderContent.of(rows).stream()
              .anyMatch(file -> !file.getPath().getName().startsWith("."));
      if (any) {
        throw new UserError(
            "%s holds rows, but there is no checkpoint to go on from: name another output"
                .formatted(RunFolder.readable(rows)));
      }
    } catch (IOException e) {
      throw new UserError("cannot list %s: %s".formatted(rows, StorageFailure.reason(e)), e);
    }
  }

  private String beginning(
      RunFolder folder, EmbedImages images, EmbedModel shown, Optional<RestorePoint> restore) {
    String line =
        "%s, features %s of model %s, rows in %s"
            .formatted(
                images.line(),
                KebabCase.of(kind),
                RunFolder.readable(new Path(shown.folder())),
                rows(folder));
    return restore
        .map(point -> line + "\ncontinuing from " + RunFolder.readable(point.path()))
        .orElse(line);
  }

  private static String rows(RunFolder folder) {
    return RunFolder.readable(new Path(folder.root(), ROWS));
  }
}
