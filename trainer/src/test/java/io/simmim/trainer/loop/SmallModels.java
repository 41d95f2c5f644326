package io.simmim.trainer.loop;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.torch.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One small model of each kind, for images of 64 pixels with mask patches of 16, and images. */
public final class SmallModels {
  static final int IMAGE_SIZE = 64;
  static final int MASK_SIDE = 4;

  /** Four colours: black, white, red, blue. */
  static final ClusterColors COLORS =
      new ClusterColors(new float[] {0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255});

  static final EncoderConfig VIT =
      new EncoderConfig(
          EncoderType.VIT,
          8,
          16,
          List.of(3),
          List.of(2),
          0,
          0,
          4,
          true,
          false,
          RelativePositionBias.SHARED,
          0.1,
          0.2);
  static final EncoderConfig SWIN = swin(EncoderType.SWIN, 0, List.of());
  static final EncoderConfig SWINV2 = swin(EncoderType.SWINV2, 1, List.of());
  static final EncoderConfig RESNET =
      new EncoderConfig(
          EncoderType.RESNET,
          4,
          4,
          List.of(1, 2, 1),
          List.of(),
          0,
          0,
          4,
          true,
          false,
          RelativePositionBias.NONE,
          0,
          0.2);

  private SmallModels() {}

  private static EncoderConfig swin(
      EncoderType type, int mainNormInterval, List<Integer> pretrained) {
    return new EncoderConfig(
        type,
        4,
        8,
        List.of(2, 2, 1),
        List.of(1, 2, 4),
        4,
        mainNormInterval,
        pretrained,
        4,
        true,
        true,
        RelativePositionBias.NONE,
        0,
        0.2);
  }

  /** One whose position bias was first trained with other windows, of each of three stages. */
  public static ModelConfig swinV2(List<Integer> pretrained) {
    return ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, swin(EncoderType.SWINV2, 1, pretrained));
  }

  public static Map<String, ModelConfig> all() {
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    models.put("vit", ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, VIT));
    models.put("swin", ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, SWIN));
    models.put("swin, masks finer than cells", ModelConfig.simmim(IMAGE_SIZE, 16, SWIN));
    models.put("swinv2 with main norms", ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, SWINV2));
    models.put("resnet", ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, RESNET));
    models.put("mae", mae());
    models.put("mlp head", model(VIT, HeadType.MLP, TargetConfig.PIXELS, LossConfig.SIMMIM));
    models.put(
        "swin, inverse Swin-T head",
        model(SWIN, HeadType.INVERSE_SWIN_TINY, TargetConfig.PIXELS, LossConfig.SIMMIM));
    models.put("bins", model(VIT, HeadType.LINEAR, bins(1, 8), crossEntropy(LossArea.MASKED)));
    models.put("clusters", model(SWIN, HeadType.LINEAR, clusters(2), crossEntropy(LossArea.FULL)));
    models.put(
        "vit, low resolution",
        model(VIT, HeadType.LINEAR, TargetConfig.pixels(8, 0), LossConfig.SIMMIM));
    models.put(
        "swin, low resolution, local norm",
        model(SWIN, HeadType.LINEAR, TargetConfig.pixels(4, 5), LossConfig.SIMMIM));
    return models;
  }

  static ModelConfig mae() {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            16,
            List.of(2),
            List.of(2),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0.2);
    return new ModelConfig(
        IMAGE_SIZE,
        MASK_SIDE,
        new ModelChoices(
            new ObjectiveConfig(ObjectiveType.MAE, 8, 2, 2),
            encoder,
            HeadConfig.LINEAR,
            TargetConfig.PIXELS_NORMALISED_PER_CELL,
            new LossConfig(LossType.L2, LossArea.MASKED)),
        false);
  }

  static ModelConfig model(
      EncoderConfig encoder, HeadType head, TargetConfig target, LossConfig loss) {
    return new ModelConfig(
        IMAGE_SIZE,
        MASK_SIDE,
        new ModelChoices(ObjectiveConfig.SIMMIM, encoder, new HeadConfig(head, 4), target, loss),
        false);
  }

  static TargetConfig bins(int downsampling, int bins) {
    return new TargetConfig(TargetType.BINS, downsampling, 0, false, bins, 512, null);
  }

  static TargetConfig clusters(int downsampling) {
    return new TargetConfig(TargetType.CLUSTERS, downsampling, 0, false, 8, COLORS.count(), null);
  }

  static LossConfig crossEntropy(LossArea area) {
    return new LossConfig(LossType.CROSS_ENTROPY, area);
  }

  static ModelConfig recomputing(ModelConfig model) {
    return new ModelConfig(
        model.imageSize(),
        model.maskSide(),
        new ModelChoices(
            model.objective(), model.encoder(), model.head(), model.target(), model.loss()),
        true);
  }

  /** The same, of which training drops nothing. */
  public static ModelConfig withoutDropPath(ModelConfig model) {
    EncoderConfig all = model.encoder();
    return new ModelConfig(
        model.imageSize(),
        model.maskSide(),
        new ModelChoices(
            model.objective(),
            new EncoderConfig(
                all.type(),
                all.patchSize(),
                all.embedDim(),
                all.depth(),
                all.numHeads(),
                all.windowSize(),
                all.mainNormInterval(),
                all.mlpRatio(),
                all.qkvBias(),
                all.absolutePosition(),
                all.relativePositionBias(),
                all.layerScaleInit(),
                0),
            model.head(),
            model.target(),
            model.loss()),
        model.recompute());
  }

  public static TrainerConfig trainer(ModelConfig model, Precision precision) {
    ClusterColors colors =
        model.target().type() == TargetType.CLUSTERS ? COLORS : ClusterColors.NONE;
    return new TrainerConfig(model, colors, SmallModel.OPTIMIZER, precision, 1, "cpu", 7);
  }

  /** Random normalised pixels; half of the mask patches of each image are masked. */
  public static MicroBatch batch(ModelConfig model, int images, long seed) {
    return MicroBatch.normalised(
        IMAGE_SIZE, model.maskSide(), pixels(images, seed), masks(model.maskSide(), images, seed));
  }

  /** Images whose channels rise or fall from left to right by different amounts. */
  static MicroBatch ramps(ModelConfig model, int images, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[images * 3 * IMAGE_SIZE * IMAGE_SIZE];
    double slope = 0;
    for (int i = 0; i < pixels.length; i++) {
      if (i % (IMAGE_SIZE * IMAGE_SIZE) == 0) {
        slope = 4 * random.nextDouble() - 2;
      }
      pixels[i] = (float) (slope * (i % IMAGE_SIZE) / IMAGE_SIZE);
    }
    return MicroBatch.normalised(
        IMAGE_SIZE, model.maskSide(), pixels, masks(model.maskSide(), images, seed));
  }

  public static float[] pixels(int images, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[images * 3 * IMAGE_SIZE * IMAGE_SIZE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return pixels;
  }

  static byte[] masks(int maskSide, int images, long seed) {
    Random random = new Random(seed);
    int patches = maskSide * maskSide;
    byte[] masks = new byte[images * patches];
    for (int image = 0; image < images; image++) {
      for (int masked = 0; masked < patches / 2; ) {
        int at = image * patches + random.nextInt(patches);
        masked += 1 - masks[at];
        masks[at] = 1;
      }
    }
    return masks;
  }
}
