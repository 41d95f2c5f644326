package io.simmim.pipeline.job;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.Labeling;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkPlans;
import io.simmim.operators.source.enumerator.WholeCatalog;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.trial.ImageTrial;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.embed.EmbedFunction;
import io.simmim.pipeline.embed.EmbedModel;
import io.simmim.pipeline.embed.EmbedRecord;
import io.simmim.pipeline.embed.FeatureKind;
import io.simmim.pipeline.embed.ImageLabels;
import io.simmim.pipeline.embed.RowFormat;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.job.TrainingRun.End;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.pipeline.run.ContinuousInputs;
import io.simmim.pipeline.run.InputImages;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.pipeline.sink.RejectedSink;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EmbeddedImage;
import io.simmim.schemas.evaluation.EmbeddedImageSerializer;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.torch.TorchDevice;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
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

  private static final String IMAGES = "images";
  private static final String COUNT = "count";

  /** Images whose features are computed at once, unless they keep arriving: then one. */
  private static final int CHUNK_IMAGES = 32;

  /** The images of a job, and what it depends on of them. */
  private record Images(
      ChunkPlans.Factory plans, ImageLabels labels, String identity, String count) {}

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
    if (embedded) {
      TorchDevice.require(device);
    }
    ReadableConfig told = env.getConfiguration();
    ModelFolder found = ModelFolder.find(model);
    requireClassToken(found);
    RunFolder folder = RunFolder.open(config.output());
    try (RunLease lease =
        LeaseTaking.take(folder, TrainingRun.claim(told, embedded, Takeover.IF_DEAD), say)) {
      Optional<EmbedRecord> before = EmbedRecord.read(folder);
      Images images = images(folder, before, say);
      EmbedModel shown = shown(found);
      EmbedRecord record = record(shown, images, false);
      before.ifPresent(earlier -> earlier.requireSame(record));
      if (before.filter(EmbedRecord::complete).isPresent()) {
        say.accept("already complete: all images are embedded");
        say.accept(rows(folder));
        return End.WAS_COMPLETE;
      }
      Optional<RestorePoint> restore =
          told.getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
              .map(RestorePoint::at)
              .or(() -> RestorePoint.latest(folder));
      if (restore.isEmpty()) {
        requireNoRows(folder);
      }
      record.write(folder);
      env.configure(FlinkSettings.of(loaded, folder, restore, told));
      SuspectConfig suspects =
          new SuspectConfig(
              new ImageTrial(config.image(), config.seed()),
              embedded ? folder.suspects() : folder.suspectsElsewhere());
      build(env, folder, images, shown, parallelism, suspects);
      say.accept(beginning(folder, images, shown, restore));
      return execute(env, folder, lease, record, embedded, suspects, say);
    }
  }

  private End execute(
      StreamExecutionEnvironment env,
      RunFolder folder,
      RunLease lease,
      EmbedRecord record,
      boolean embedded,
      SuspectConfig suspects,
      Consumer<String> say)
      throws Exception {
    String name = "simmim embed " + RunFolder.readable(folder.root());
    if (embedded) {
      suspects.lastWords().ifPresent(say);
      try {
        if (EmbeddedFlink.run(env, name, folder, lease, say, () -> {}).isEmpty()) {
          return End.STOPPED;
        }
      } finally {
        suspects.ended();
      }
    } else {
      JobExecutionResult result = TrainingRun.execute(env, name, say);
      if (result instanceof DetachedJobExecutionResult) {
        say.accept("submitted; rows will be in " + rows(folder));
        return End.DETACHED;
      }
    }
    new EmbedRecord(record.values(), true).write(folder);
    say.accept("all images are embedded; the rows are in");
    say.accept(rows(folder));
    return End.COMPLETE;
  }

  private void build(
      StreamExecutionEnvironment env,
      RunFolder folder,
      Images images,
      EmbedModel shown,
      int parallelism,
      SuspectConfig suspects) {
    SimmimConfig config = loaded.config();
    SingleOutputStreamOperator<EmbeddedImage> rows =
        env.fromSource(
                new ChunkSource(images.plans, config.fetch(), suspects),
                WatermarkStrategy.noWatermarks(),
                "images",
                EncodedChunkSerializer.TYPE)
            .uid("images")
            .setParallelism(parallelism)
            .process(
                new EmbedFunction(
                    shown, kind, images.labels, config.image().withSize(shown.imageSize())))
            .returns(EmbeddedImageSerializer.TYPE)
            .name("decode, embed")
            .uid("embed")
            .setParallelism(parallelism);
    rows.sinkTo(format.sink(new Path(folder.root(), ROWS), shown.digest()))
        .name("rows")
        .uid("rows")
        .setParallelism(parallelism);
    rows.getSideOutput(EmbedFunction.REJECTED)
        .sinkTo(new RejectedSink(folder.rejected()))
        .name("rejected images")
        .uid("rejected")
        .setParallelism(1);
  }

  private Images images(RunFolder folder, Optional<EmbedRecord> before, Consumer<String> say) {
    SimmimConfig config = loaded.config();
    if (config.continuous().isOn()) {
      ArrivalSourceConfig source = ContinuousInputs.of(config, folder);
      return new Images(
          new ArrivingImages(source, BatchPlan.continuous(1, 1, 1, 1), config.fetch()),
          new ImageLabels.Folders(source.inputs()),
          "arriving",
          "unknown");
    }
    try {
      CatalogReference stored =
          before.isPresent()
              ? stored(folder, before.get())
              : InputImages.list(config, folder, say).write(folder.catalog().toString());
      Catalog catalog = Catalog.read(stored);
      return new Images(
          new WholeCatalog(stored, CHUNK_IMAGES),
          labels(catalog),
          stored.digest(),
          Long.toString(stored.size()));
    } catch (IOException e) {
      throw new UserError(
          "cannot use catalog %s: %s".formatted(folder.catalog(), StorageFailure.reason(e)), e);
    }
  }

  private static CatalogReference stored(RunFolder folder, EmbedRecord before) {
    try {
      return new CatalogReference(
          folder.catalog().toString(),
          before.values().getOrDefault(IMAGES, ""),
          Long.parseLong(before.values().getOrDefault(COUNT, "")));
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "the output holds embeddings of images that keep arriving (name another one, or give --follow or --events)",
          e);
    }
  }

  private ImageLabels labels(Catalog catalog) throws IOException {
    var fetch = loaded.config().fetch();
    try {
      return new ImageLabels.Listed(
          Labeling.of(
              catalog,
              new ShardReading(2 * fetch.concurrency(), fetch.attempts(), fetch.backoff())));
    } catch (UserError e) {
      return new ImageLabels.None(); // no image has a class
    }
  }

  private EmbedModel shown(ModelFolder found) throws IOException {
    return new EmbedModel(
        found.folder().toString(),
        found.digest(),
        found.imageSize(),
        found.description().model().maskSide(),
        device);
  }

  private EmbedRecord record(EmbedModel shown, Images images, boolean complete) {
    return new EmbedRecord(
        Map.of(
            "model",
            shown.digest(),
            "features",
            KebabCase.of(kind),
            "format",
            KebabCase.of(format),
            IMAGES,
            images.identity,
            COUNT,
            images.count),
        complete);
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
      RunFolder folder, Images images, EmbedModel shown, Optional<RestorePoint> restore) {
    String what =
        images.plans instanceof WholeCatalog whole
            ? "%,d images".formatted(whole.catalog().size())
            : "images as they arrive, without end";
    String line =
        "%s, features %s of model %s, rows in %s"
            .formatted(
                what,
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
