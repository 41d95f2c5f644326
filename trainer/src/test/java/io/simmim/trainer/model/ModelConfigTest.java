package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.head.InverseSwinHead;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
  private static final ObjectiveConfig MAE = new ObjectiveConfig(ObjectiveType.MAE, 32, 1, 2);
  private static final LossConfig L2 = new LossConfig(LossType.L2, LossArea.MASKED);
  private static final LossConfig CROSS_ENTROPY =
      new LossConfig(LossType.CROSS_ENTROPY, LossArea.MASKED);
  private static final TargetConfig BINS =
      new TargetConfig(TargetType.BINS, 1, 0, false, 8, 512, null);
  private static final EncoderConfig PLAIN_VIT = vit(true, RelativePositionBias.NONE, 0);
  private static final EncoderConfig SWIN =
      new EncoderConfig(
          EncoderType.SWIN,
          4,
          8,
          List.of(2, 2),
          List.of(1, 2),
          4,
          0,
          4,
          true,
          false,
          RelativePositionBias.NONE,
          0,
          0);

  static EncoderConfig vit(boolean absolute, RelativePositionBias bias, double layerScale) {
    return new EncoderConfig(
        EncoderType.VIT,
        16,
        32,
        List.of(2),
        List.of(2),
        0,
        0,
        4,
        true,
        absolute,
        bias,
        layerScale,
        0);
  }

  private static ModelConfig model(
      ObjectiveConfig objective,
      EncoderConfig encoder,
      HeadType head,
      TargetConfig target,
      LossConfig loss) {
    return new ModelConfig(
        64, 2, new ModelChoices(objective, encoder, new HeadConfig(head, 4), target, loss), false);
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesMaeWithWhatItHasNoMeaningFor() {
    TargetConfig pixels = TargetConfig.PIXELS;
    assertThat(model(MAE, PLAIN_VIT, HeadType.LINEAR, pixels, L2)).isNotNull();
    assertRefused(
        () -> model(MAE, SWIN, HeadType.LINEAR, pixels, L2),
        "objective.type mae needs encoder.type vit, whose patches can be left out: swin");
    assertRefused(
        () -> model(MAE, PLAIN_VIT, HeadType.MLP, pixels, L2),
        "objective.type mae needs head.type linear behind its decoder: mlp");
    assertRefused(
        () ->
            model(
                MAE,
                PLAIN_VIT,
                HeadType.LINEAR,
                pixels,
                new LossConfig(LossType.L2, LossArea.FULL)),
        "objective.type mae needs loss.area masked: full");
    assertRefused(
        () ->
            model(
                MAE, vit(false, RelativePositionBias.PER_BLOCK, 0.1), HeadType.LINEAR, pixels, L2),
        "objective.type mae needs a plain vit: encoder.absolute-position true, encoder.relative-position-bias none,"
            + " encoder.layer-scale-init 0, encoder.qkv-bias true: false, per-block, 0.1, true");
  }

  @Test
  void refusesANormBehindThePoolingWhereADecoderIsBehindTheEncoder() {
    NormConfig pooling = new NormConfig(1e-6, true);
    ModelConfig mae = model(MAE, PLAIN_VIT, HeadType.LINEAR, TargetConfig.PIXELS, L2);

    assertThat(ModelConfig.simmim(64, 2, PLAIN_VIT).withNorms(pooling)).isNotNull();
    assertRefused(() -> mae.withNorms(pooling), "use_mean_pooling must be false with mae: true");
  }

  @Test
  void refusesImagesWithDifferentCountsOfMaskedPatchesInMae() {
    MaskedImageModel model =
        new MaskedImageModel(
            model(MAE, PLAIN_VIT, HeadType.LINEAR, TargetConfig.PIXELS, L2), ClusterColors.NONE);
    byte[] masks = {1, 0, 0, 1, /* second image */ 1, 0, 0, 0};

    assertRefused(
        () -> model.trainingIndex(masks, model.noDropPath(2)),
        "objective.type mae needs equally many masked patches in all images of a micro-batch: 2, 1");
  }

  @Test
  void refusesAResNetWithASinglePosition() {
    EncoderConfig resNet =
        new EncoderConfig(
            EncoderType.RESNET,
            4,
            8,
            List.of(1, 1, 1, 1),
            List.of(),
            0,
            0,
            4,
            true,
            false,
            RelativePositionBias.NONE,
            0,
            0);

    assertRefused(
        () -> ModelConfig.simmim(32, 1, resNet),
        "image.size must be at least 64 with a resnet, whose batch norms need more than one position:"
            + " 32");
  }

  @Test
  void refusesLossesThatDoNotGoWithTheTarget() {
    assertRefused(
        () -> model(ObjectiveConfig.SIMMIM, SWIN, HeadType.LINEAR, BINS, L2),
        "loss.type must be cross-entropy with target.type bins: l2");
    assertRefused(
        () ->
            model(
                ObjectiveConfig.SIMMIM, SWIN, HeadType.LINEAR, TargetConfig.PIXELS, CROSS_ENTROPY),
        "loss.type must be l1, l2 or smooth-l1 with target.type pixels: cross-entropy");
  }

  @Test
  void refusesResolutionsThatDoNotFitCellsMasksOrHead() {
    assertRefused(
        () ->
            model(
                ObjectiveConfig.SIMMIM,
                SWIN,
                HeadType.LINEAR,
                TargetConfig.pixels(16, 0),
                LossConfig.SIMMIM),
        "target.downsampling must divide the encoder's cells of 8 pixels: 16");
    assertRefused(
        () ->
            new ModelConfig(
                64,
                16,
                new ModelChoices(
                    ObjectiveConfig.SIMMIM,
                    SWIN,
                    HeadConfig.LINEAR,
                    TargetConfig.pixels(8, 0),
                    LossConfig.SIMMIM),
                false),
        "target.downsampling must divide mask.patch-size 4, or loss.area be full: 8");
    assertRefused(
        () ->
            model(
                ObjectiveConfig.SIMMIM,
                SWIN,
                HeadType.INVERSE_SWIN_BASE,
                TargetConfig.pixels(8, 0),
                LossConfig.SIMMIM),
        "target.downsampling must be at most 4 with head.type inverse-swin-base, which ends at such"
            + " patches: 8");
  }

  @Test
  void refusesInverseSwinHeadsThatDoNotFitTheImage() {
    assertRefused(
        () -> InverseSwinHead.stages(new HeadConfig(HeadType.INVERSE_SWIN_TINY, 6), 192, 14),
        "head.type inverse-swin-tiny needs encoder cells of 4, 8, 16 or 32 pixels: 14");
    assertRefused(
        () -> InverseSwinHead.stages(new HeadConfig(HeadType.INVERSE_SWIN_TINY, 6), 224, 32),
        "head.window-size must divide the 7 patches of each side of a stage (or exceed them): 6");
  }

  @Test
  void refusesMasksThatDoNotDivideTheGrid() {
    assertRefused(
        () -> ModelConfig.simmim(64, 3, PLAIN_VIT),
        "the side of the mask grid must divide the model-patch grid 4: 3");
  }

  @Test
  void refusesTargetsThatAreNoTargets() {
    assertRefused(
        () -> TargetConfig.pixels(3, 0), "target.downsampling must be 1, 2, 4, 8, 16 or 32: 3");
    assertRefused(
        () -> TargetConfig.pixels(1, 2),
        "target.norm-patch-size must be 0 (off) or odd and at least 3: 2");
    assertRefused(
        () -> new TargetConfig(TargetType.BINS, 1, 0, false, 257, 512, null),
        "target.bins must be between 2 and 256: 257");
    assertRefused(
        () -> new TargetConfig(TargetType.CLUSTERS, 1, 0, false, 8, 1, null),
        "target.clusters must be between 2 and 4096: 1");
    assertRefused(
        () -> new TargetConfig(TargetType.BINS, 1, 0, false, 8, 512, "colours.txt"),
        "target.cluster-file needs target.type clusters, not bins: colours.txt");
    assertRefused(
        () -> new TargetConfig(TargetType.PIXELS, 1, 47, true, 8, 512, null),
        "target.norm-per-cell and target.norm-patch-size exclude each other: true, 47");
    assertRefused(
        () -> new TargetConfig(TargetType.BINS, 1, 47, false, 8, 512, null),
        "colours are not normalised: target.norm-per-cell and target.norm-patch-size must be off with target.type"
            + " bins");
  }

  @Test
  void needsTheColoursOfItsClusters() {
    TargetConfig target = new TargetConfig(TargetType.CLUSTERS, 1, 0, false, 8, 2, null);
    ModelConfig config =
        model(ObjectiveConfig.SIMMIM, SWIN, HeadType.LINEAR, target, CROSS_ENTROPY);

    assertRefused(
        () -> new MaskedImageModel(config, ClusterColors.NONE),
        "the model needs the colours of 2 clusters: 0");
    assertRefused(
        () -> new ClusterColors(new float[] {0, 1}),
        "colours must have three values each: 2 values");
    assertRefused(
        () -> new ClusterColors(new float[] {0, 1, 256}),
        "a colour value must be between 0 and 255: 256.0");
  }
}
