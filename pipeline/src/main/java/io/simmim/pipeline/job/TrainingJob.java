package io.simmim.pipeline.job;

import io.simmim.operators.image.ImagePathFunction.Beside;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.source.ChunkSource;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkPlans;
import io.simmim.operators.source.enumerator.ListedImages;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.job.settings.SlotGroups;
import io.simmim.pipeline.mlflow.MlflowTarget;
import io.simmim.pipeline.mlflow.TellMlflow;
import io.simmim.pipeline.report.FindingReport;
import io.simmim.pipeline.report.ProgressReport;
import io.simmim.pipeline.report.ValidationReport;
import io.simmim.pipeline.run.Decay;
import io.simmim.pipeline.run.PreparedRun;
import io.simmim.pipeline.run.RunImages;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.pipeline.run.TrainerSetup;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.sink.CheckpointSink;
import io.simmim.pipeline.sink.EvaluationSink;
import io.simmim.pipeline.sink.MetricsSink;
import io.simmim.pipeline.sink.RejectedSink;
import io.simmim.pipeline.sink.RejectedTopicSink;
import io.simmim.pipeline.sink.ValidationSink;
import io.simmim.pipeline.tensorboard.FindingEvents;
import io.simmim.pipeline.tensorboard.HistogramEvents;
import io.simmim.pipeline.tensorboard.StepEvents;
import io.simmim.pipeline.tensorboard.ValidationEvents;
import io.simmim.pipeline.watch.WatchConfig;
import io.simmim.pipeline.watch.Watching;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedChunkSerializer;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.StepMetricsSerializer;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.TensorChunkSerializer;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.operator.TrainingOperatorConfig;
import io.simmim.trainer.operator.TrainingOperatorFactory;
import io.simmim.trainer.operator.TrainingOutputs;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job graph: images → decode, augment, mask, pack (chained, parallel) → trainer (one task) →
 * metrics, and from the trainer a side output of rejected images. Every operator has a uid, so that
 * state finds its operator after any change of the graph; and all are in a slot group with a
 * profile, or none is.
 */
final class TrainingJob {
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);

  private TrainingJob() {}

  /**
   * Adds the operators.
   *
   * @param watch how the model is looked at while it is trained, if it is
   * @param suspects what is done about images that end processes
   * @param gpuLoss what ends when a process cannot use its GPU any more
   */
  static void build(
      StreamExecutionEnvironment env,
      SimmimConfig config,
      PreparedRun run,
      Optional<WatchConfig> watch,
      int parallelism,
      ProgressReport.Target progress,
      SuspectConfig suspects,
      GpuLoss gpuLoss) {
    SlotGroups slots = SlotGroups.of(config.resources());
    SingleOutputStreamOperator<EncodedChunk> images =
        slots.decoding(
            env.fromSource(
                    new ChunkSource(images(config, run), config.fetch(), suspects)
                        .ofStart(RestorePoint.nextStart(run.folder())),
                    WatermarkStrategy.noWatermarks(),
                    "images",
                    EncodedChunkSerializer.TYPE)
                .uid("images")
                .setParallelism(parallelism));
    SingleOutputStreamOperator<TensorChunk> samples =
        slots.decoding(
            images
                .map(
                    SamplePath.of(config)
                        .function(slots.areShared() ? Beside.TRAINER : Beside.NOTHING))
                .returns(TensorChunkSerializer.TYPE)
                .name("decode, augment, mask, pack")
                .uid("image-path")
                .setParallelism(parallelism));
    CheckpointSink checkpoints = new CheckpointSink(run.folder().checkpointCosts());
    SingleOutputStreamOperator<StepMetrics> steps =
        slots.training(
            samples
                .transform(
                    "trainer",
                    StepMetricsSerializer.TYPE,
                    new LeasedTrainer(
                        new TrainingOperatorFactory(trainer(config, run), gpuLoss, checkpoints),
                        run.folder().lock(),
                        run.lease().owner(),
                        run.lease().times()))
                .uid("trainer")
                .setParallelism(1)
                .setMaxParallelism(1)
                .disableChaining());
    slots.training(
        steps
            .sinkTo(new MetricsSink(run.folder().metrics()))
            .name("metrics")
            .uid("metrics")
            .setParallelism(1));
    slots.training(
        steps
            .getSideOutput(TrainingOutputs.CHECKPOINTS)
            .sinkTo(checkpoints)
            .name("checkpoints")
            .uid("checkpoints")
            .setParallelism(1));
    if (config.tensorboard().enabled()) {
      slots.training(
          steps
              .sinkTo(new StepEvents(run.folder().events(), ConfigText.yaml(config)))
              .name("event files")
              .uid("events")
              .setParallelism(1));
    }
    if (config.tensorboard().histogramsEverySteps() > 0) {
      slots.training(
          steps
              .getSideOutput(TrainingOutputs.HISTOGRAMS)
              .sinkTo(new HistogramEvents(run.folder().histogramEvents()))
              .name("event files of histograms")
              .uid("histogram-events")
              .setParallelism(1));
    }
    slots.training(
        steps
            .sinkTo(new ProgressReport(run.plan(), progress, PROGRESS_INTERVAL))
            .name("progress")
            .uid("progress")
            .setParallelism(1));
    if (config.finetune().isOn()) {
      addAccuracies(steps.getSideOutput(TrainingOutputs.EPOCHS), config, run, progress, slots);
    }
    Optional<SingleOutputStreamOperator<ModelFindings>> findings =
        watch.map(
            looking ->
                addFindings(
                    steps.getSideOutput(TrainingOutputs.COPIES),
                    looking,
                    config,
                    run.folder(),
                    progress,
                    slots,
                    gpuLoss));
    MlflowTarget.of(config, run.folder())
        .ifPresent(
            target ->
                slots.training(
                    findings.isPresent()
                        ? TellMlflow.of(steps, findings.get(), target, progress)
                        : TellMlflow.of(
                            steps, steps.getSideOutput(TrainingOutputs.EPOCHS), target, progress)));
    SideOutputDataStream<RejectedImage> rejected = steps.getSideOutput(TrainingOutputs.REJECTED);
    slots.training(
        rejected
            .sinkTo(new RejectedSink(run.folder().rejected()))
            .name("rejected images")
            .uid("rejected")
            .setParallelism(1));
    if (config.reject().topic() != null) {
      slots.training(
          rejected
              .sinkTo(
                  new RejectedTopicSink(
                      KafkaTopic.parse(config.reject().topic()), config.kafka().values()))
              .name("rejected images to Kafka")
              .uid("rejected-topic")
              .setParallelism(1));
    }
  }

  private static void addAccuracies(
      SideOutputDataStream<EpochAccuracy> epochs,
      SimmimConfig config,
      PreparedRun run,
      ProgressReport.Target progress,
      SlotGroups slots) {
    slots.training(
        epochs
            .sinkTo(new ValidationSink(run.folder().validation()))
            .name("validation")
            .uid("validation")
            .setParallelism(1));
    if (config.tensorboard().enabled()) {
      slots.training(
          epochs
              .sinkTo(new ValidationEvents(run.folder().validationEvents()))
              .name("validation event files")
              .uid("validation-events")
              .setParallelism(1));
    }
    slots.training(
        epochs
            .sinkTo(new ValidationReport(run.plan().epochs(), progress))
            .name("validation lines")
            .uid("validation-lines")
            .setParallelism(1));
  }

  /** Where images are decoded there are cores, which a machine with a GPU may be short of. */
  private static SingleOutputStreamOperator<ModelFindings> addFindings(
      SideOutputDataStream<ModelCopy> copies,
      WatchConfig watch,
      SimmimConfig config,
      RunFolder folder,
      ProgressReport.Target progress,
      SlotGroups slots,
      GpuLoss gpuLoss) {
    SingleOutputStreamOperator<ModelFindings> findings =
        slots.decoding(Watching.of(copies, watch, gpuLoss));
    slots.training(
        Watching.measured(findings)
            .sinkTo(new EvaluationSink(folder.evaluation()))
            .name("evaluation")
            .uid("evaluation")
            .setParallelism(1));
    if (config.tensorboard().enabled()) {
      slots.training(
          findings
              .sinkTo(new FindingEvents(folder.watchedEvents(), folder.root().toString()))
              .name("event files of pictures and evaluation")
              .uid("watched-events")
              .setParallelism(1));
    }
    slots.training(
        findings
            .sinkTo(new FindingReport(progress))
            .name("lines of pictures and evaluation")
            .uid("watched-lines")
            .setParallelism(1));
    return findings;
  }

  private static ChunkPlans.Factory images(SimmimConfig config, PreparedRun run) {
    if (run.images() instanceof RunImages.Arriving arriving) {
      return new ArrivingImages(arriving.source(), run.plan(), config.fetch());
    }
    return new ListedImages(run.catalog(), run.plan(), config.seed(), config.data().shuffle());
  }

  private static TrainingOperatorConfig trainer(SimmimConfig config, PreparedRun run) {
    Optional<Decay> decay =
        run.images() instanceof RunImages.Arriving arriving ? arriving.decay() : Optional.empty();
    return new TrainerSetup(run.folder(), run.plan(), decay, run.initial(), run.identity())
        .with(config, learner(config, run));
  }

  private static LearnerConfig learner(SimmimConfig config, PreparedRun run) {
    return run.labels()
        .<LearnerConfig>map(labels -> FinetuningSetup.of(config, labels, run.folder()))
        .orElseGet(() -> config.trainer(run.colors()));
  }
}
