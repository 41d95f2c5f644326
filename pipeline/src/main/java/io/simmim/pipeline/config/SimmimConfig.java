package io.simmim.pipeline.config;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.cluster.CheckpointConfig;
import io.simmim.pipeline.config.cluster.ResourcesConfig;
import io.simmim.pipeline.config.watch.EvalConfig;
import io.simmim.pipeline.config.watch.MlflowConfig;
import io.simmim.pipeline.config.watch.PicturesConfig;
import io.simmim.pipeline.config.watch.ReportConfig;
import io.simmim.pipeline.config.watch.TensorBoardConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.export.CopySchedule;
import io.simmim.trainer.export.ExportConfig;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.optimizer.ScheduleConfig;
import io.simmim.trainer.optimizer.ScheduleType;
import java.util.Objects;

/**
 * Everything that a run is configured by; {@code defaults.yaml} explains each key.
 *
 * <p>It also makes what several sections describe together, such as the model. Making one is how it
 * checks that the sections fit, so that a configuration is refused before anything begins.
 *
 * @param data where the images are
 * @param continuous training on images that keep arriving
 * @param output folder of checkpoints, metrics and model; null where a command needs none
 * @param initFrom file with the weights that a new run begins with, or a model; null = drawn ones
 * @param seed of everything random
 * @param parallelism tasks that decode; 0 = Flink's own setting, locally one per core
 * @param pictures of what the model makes of masked images, while it is trained
 * @param eval measurements of the features, while the model is trained
 * @param finetune what is particular to a fine-tuning
 * @param kafka options of Kafka's clients
 * @param flink settings of Flink where it runs in this process
 */
public record SimmimConfig(
    DataConfig data,
    ContinuousConfig continuous,
    String output,
    String initFrom,
    long seed,
    int parallelism,
    ImageConfig image,
    MaskConfig mask,
    FetchConfig fetch,
    ObjectiveConfig objective,
    EncoderConfig encoder,
    HeadConfig head,
    TargetConfig target,
    LossConfig loss,
    OptimizerConfig optimizer,
    ScheduleConfig schedule,
    TrainingConfig training,
    FinetuneOptions finetune,
    CheckpointConfig checkpoint,
    ExportConfig export,
    PicturesConfig pictures,
    EvalConfig eval,
    RejectConfig reject,
    TensorBoardConfig tensorboard,
    MlflowConfig mlflow,
    ReportConfig report,
    ResourcesConfig resources,
    KafkaOptions kafka,
    FlinkOptions flink) {
  /** Images per chunk if nothing else limits them. */
  private static final int LARGEST_CHUNK = 16;

  /** Flink spills longer records to disk. */
  private static final long LARGEST_RECORD = 5L << 20;

  public SimmimConfig {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(continuous, "continuous");
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(fetch, "fetch");
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(finetune, "finetune");
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(export, "export");
    Objects.requireNonNull(pictures, "pictures");
    Objects.requireNonNull(eval, "eval");
    Objects.requireNonNull(reject, "reject");
    Objects.requireNonNull(tensorboard, "tensorboard");
    Objects.requireNonNull(mlflow, "mlflow");
    Objects.requireNonNull(report, "report");
    Objects.requireNonNull(resources, "resources");
    Objects.requireNonNull(kafka, "kafka");
    Objects.requireNonNull(flink, "flink");
    if (output != null && output.isBlank()) {
      throw new IllegalArgumentException("output must not be empty");
    }
    if (initFrom != null && initFrom.isBlank()) {
      throw new IllegalArgumentException("init-from must not be empty");
    }
    if (parallelism < 0) {
      throw new IllegalArgumentException("parallelism must be at least 0: " + parallelism);
    }
    requireDivides("encoder.patch-size", encoder.patchSize(), "image.size", image.size());
    encoder.requireFits(image.size());
    finetune.recipe(); // checks what it is made of
    finetune.augmentation(image);
    requireImages(pictures, eval, finetune, continuous);
    if (finetune.isOn()) {
      requireListed(continuous);
      ClassifierConfig.requireFits(encoder, finetune.pooling());
    } else {
      mask.requireFits(image.size(), encoder.patchSize());
      model(image, mask, objective, encoder, head, target, loss, training); // checks what crosses
    }
    if (training.chunkImages() != 0) {
      requireDivides(
          "training.chunk-images",
          training.chunkImages(),
          "training.micro-batch",
          training.microBatch());
    }
    if (continuous.isOn()) {
      requireEndless(schedule, target);
      continuous.requireRoomFor(chunkImages(image, training));
    } else {
      schedule.requireFits(training.epochs());
    }
    long record = recordBytes(image.size(), training.chunkImages());
    if (record >= LARGEST_RECORD) {
      throw new IllegalArgumentException(
          "training.chunk-images must make records below 5 MiB (%d bytes at image.size %d): %d"
              .formatted(record, image.size(), training.chunkImages()));
    }
  }

  private static void requireImages(
      PicturesConfig pictures,
      EvalConfig eval,
      FinetuneOptions finetune,
      ContinuousConfig continuous) {
    if (finetune.isOn() && (pictures.isOn() || eval.isOn())) {
      throw new IllegalArgumentException(
          "pictures.every-steps and eval.every-epochs are for pre-training, and must be 0 in a fine-tuning: %d, %d"
              .formatted(pictures.everySteps(), eval.everyEpochs()));
    }
    if (!continuous.isOn()) {
      return;
    }
    if (pictures.isOn() && pictures.input().isEmpty()) {
      throw new IllegalArgumentException(
          "a continuous run has no images yet to draw from: pictures.input must be given");
    }
    if (eval.isOn() && eval.input().isEmpty()) {
      throw new IllegalArgumentException(
          "a continuous run has no images yet to draw from: eval.input and eval.validation must be given");
    }
  }

  private static void requireListed(ContinuousConfig continuous) {
    if (continuous.isOn()) {
      throw new IllegalArgumentException(
          "a fine-tuning needs a list of images: continuous.follow must be false, and"
              + " continuous.events and continuous.decay-steps not set");
    }
  }

  private static void requireEndless(ScheduleConfig schedule, TargetConfig target) {
    if (schedule.type() != ScheduleType.CONSTANT) {
      throw new IllegalArgumentException(
          "schedule.type of a continuous run must be constant (--decay-steps ends it): "
              + KebabCase.of(schedule.type()));
    }
    if (target.type() == TargetType.CLUSTERS && target.clusterFile() == null) {
      throw new IllegalArgumentException(
          "a continuous run has no images yet to find colours in: target.cluster-file must be given");
    }
  }

  /**
   * How the images of a continuous run are cut into steps and chunks, as long as it is not to end.
   */
  public BatchPlan continuousPlan() {
    return BatchPlan.continuous(
        continuous.epochSteps(), training.microBatch(), training.accumulation(), chunkImages());
  }

  /** How the images of a catalog are cut into steps and chunks. */
  public BatchPlan plan(long images) {
    return new BatchPlan(
        images, training.epochs(), training.microBatch(), training.accumulation(), chunkImages());
  }

  /** Images per chunk: as configured, or the largest divisor of the micro-batch that fits. */
  public int chunkImages() {
    return chunkImages(image, training);
  }

  private static int chunkImages(ImageConfig image, TrainingConfig training) {
    if (training.chunkImages() != 0) {
      return training.chunkImages();
    }
    for (int images = Math.min(LARGEST_CHUNK, training.microBatch()); images > 1; images--) {
      if (training.microBatch() % images == 0
          && recordBytes(image.size(), images) < LARGEST_RECORD) {
        return images;
      }
    }
    return 1;
  }

  /** What is trained. */
  public ModelConfig model() {
    return model(image, mask, objective, encoder, head, target, loss, training);
  }

  private static ModelConfig model(
      ImageConfig image,
      MaskConfig mask,
      ObjectiveConfig objective,
      EncoderConfig encoder,
      HeadConfig head,
      TargetConfig target,
      LossConfig loss,
      TrainingConfig training) {
    return new ModelConfig(
            image.size(),
            image.size() / mask.patchSize(),
            new ModelChoices(objective, encoder, head, target, loss),
            training.recompute())
        .withNormalization(image.normalization());
  }

  /**
   * What the model and its optimizer are made of.
   *
   * @param colors as many as the target asks for, or none
   */
  public TrainerConfig trainer(ClusterColors colors) {
    return new TrainerConfig(
        model(),
        colors,
        optimizer,
        training.precision(),
        training.threads(),
        training.device(),
        seed);
  }

  /**
   * The classifier of a fine-tuning.
   *
   * @param classes number of classes
   */
  public ClassifierConfig classifier(int classes) {
    return new ClassifierConfig(
        image.size(),
        encoder,
        finetune.pooling(),
        classes,
        training.recompute(),
        image.normalization());
  }

  /** After which steps others look at the model. */
  public CopySchedule copies() {
    return new CopySchedule(pictures.everySteps(), eval.everyEpochs());
  }

  /** How a model is trained, whichever it is. */
  public TrainingSettings settings() {
    return new TrainingSettings(
        optimizer, training.precision(), training.threads(), training.device(), seed);
  }

  private static long recordBytes(int size, int images) {
    return 3L * size * size * images;
  }

  private static void requireDivides(String key, int value, String ofKey, int of) {
    if (value < 1 || of % value != 0) {
      throw new IllegalArgumentException(
          "%s must divide %s %d: %d".formatted(key, ofKey, of, value));
    }
  }
}
