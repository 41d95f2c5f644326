package io.simmim.pipeline.bench;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import io.simmim.trainer.bench.TrainBench;
import io.simmim.trainer.classification.ClassifierTraining;
import io.simmim.trainer.classification.FinetuningConfig;
import io.simmim.trainer.classification.ImageLabels;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The model of a preset, to be timed: one that learns from masked images, or, of a preset of a
 * fine-tuning, the classifier with all that is done to its batches.
 *
 * @param config of the preset
 * @param learner what is trained
 * @param maskSide side of the masks that come with images
 * @param maskedPatches masked ones of each mask
 */
public record BenchedModel(
    SimmimConfig config, LearnerConfig learner, int maskSide, int maskedPatches) {
  /** Those of ImageNet-1K, which the presets are for. */
  private static final int CLASSES = 1000;

  /** Arrays and buffers of the JVM hold no more bytes. */
  private static final int LONGEST_BUFFER = Integer.MAX_VALUE - 8;

  /**
   * Makes it of a preset and of settings that change it.
   *
   * @param settings {@code key=value} each
   * @param mostImages largest batch that will be trained on
   * @throws UserError if there is no such preset, a setting is wrong, or the batch is too large
   */
  public static BenchedModel of(String preset, List<String> settings, int mostImages) {
    SimmimConfig config = config(preset, settings);
    int most = mostImages(config);
    if (mostImages > most) {
      throw new UserError(
          "--batch must be at most %d with images of %d pixels: %d"
              .formatted(most, config.image().size(), mostImages));
    }
    return config.finetune().isOn() ? classifier(config, mostImages) : masked(config);
  }

  private static SimmimConfig config(String preset, List<String> settings) {
    ConfigLoader loader = new ConfigLoader();
    if (Presets.isFinetuning(preset)) {
      // What it is measured on makes it a fine-tuning. Nothing reads it here.
      loader.finetuning().validation(List.of("none"));
    }
    return loader.preset(preset).set(settings).load().config();
  }

  /** What is read of a classifier's images are floats, of others bytes. */
  private static int mostImages(SimmimConfig config) {
    int values = 3 * config.image().size() * config.image().size();
    return config.finetune().isOn()
        ? LONGEST_BUFFER / Float.BYTES / Math.max(values, CLASSES)
        : LONGEST_BUFFER / values;
  }

  private static BenchedModel masked(SimmimConfig config) {
    // Which colours a target tells apart makes no difference to the time of a step.
    boolean clusters = config.target().type() == TargetType.CLUSTERS;
    ClusterColors colors =
        new ClusterColors(new float[clusters ? 3 * config.target().clusters() : 0]);
    int side = config.model().maskSide();
    return new BenchedModel(
        config, config.trainer(colors), side, config.mask().maskedPatches(side * side));
  }

  private static BenchedModel classifier(SimmimConfig config, int mostImages) {
    List<String> names = IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
    int[] labels = IntStream.range(0, mostImages).map(image -> image % CLASSES).toArray();
    FinetuningConfig learner =
        new FinetuningConfig(
            config.classifier(CLASSES),
            new ImageLabels(names, labels),
            config.settings(),
            config.finetune().layerDecay(),
            config.finetune().recipe(),
            () -> {
              throw new IllegalStateException("a benchmark validates nothing");
            });
    return new BenchedModel(config, learner, ClassifierTraining.MASK_SIDE, 0);
  }

  /** A benchmark of it, with drawn weights. */
  public TrainBench open() {
    return new TrainBench(learner, maskSide, maskedPatches);
  }
}
