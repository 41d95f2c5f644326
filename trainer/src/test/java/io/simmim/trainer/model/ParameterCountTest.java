package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Model sizes against the published ones, by counting: nothing is allocated. */
class ParameterCountTest {
  private static final EncoderConfig SWIN_B =
      new EncoderConfig(
          EncoderType.SWIN,
          4,
          128,
          List.of(2, 2, 18, 2),
          List.of(4, 8, 16, 32),
          6,
          0,
          4,
          true,
          false,
          RelativePositionBias.NONE,
          0,
          0);

  private static EncoderConfig vit(int width, int depth, int heads) {
    return new EncoderConfig(
        EncoderType.VIT,
        16,
        width,
        List.of(depth),
        List.of(heads),
        0,
        0,
        4,
        true,
        true,
        RelativePositionBias.NONE,
        0,
        0);
  }

  private static EncoderConfig resNet(int width) {
    return new EncoderConfig(
        EncoderType.RESNET,
        4,
        width,
        List.of(3, 4, 6, 3),
        List.of(),
        0,
        0,
        4,
        true,
        false,
        RelativePositionBias.NONE,
        0,
        0);
  }

  private static long learned(List<ParameterSpec> parameters) {
    return parameters.stream()
        .filter(ParameterSpec::learned)
        .mapToLong(spec -> spec.tensor().elements())
        .sum();
  }

  private static long encoder(EncoderConfig config, int imageSize) {
    return learned(Encoder.of(config, imageSize).parameters());
  }

  /**
   * ViT-S, B and L have 22, 86 and 304 million with 1000 classes (Touvron et al., ICML 2021;
   * Dosovitskiy et al., ICLR 2021); without them and with a mask token, but no bias of keys:
   */
  @Test
  void countsVisionTransformers() {
    // timm's numbers without a head, plus a mask token, minus the bias of keys of each block.
    assertThat(encoder(vit(384, 12, 6), 224)).isEqualTo(21_665_664 + 384 - 12 * 384);
    assertThat(encoder(vit(768, 12, 12), 224)).isEqualTo(85_798_656 + 768 - 12 * 768);
    assertThat(encoder(vit(1024, 24, 16), 224)).isEqualTo(303_301_632 + 1024 - 24 * 1024);
  }

  /**
   * torchvision's resnet50 has 25,557,032 with 1000 classes, of which 2,049,000 are the classes.
   */
  @Test
  void countsResNets() {
    assertThat(encoder(resNet(64), 224) - 64).isEqualTo(25_557_032 - 2_049_000);
    // SimCLR's four times wider one: 375 million (Chen et al., ICML 2020, table 6).
    assertThat(encoder(resNet(256), 224)).isBetween(374_500_000L, 375_500_000L);
  }

  /**
   * Table 2 of the SimMIM paper: 89.9, 90.9, 115.2 and 174.8 million with Swin-B. The inverse Swin
   * heads as interpreted here have up to 1 % less.
   */
  @Test
  void countsTheModelsOfEachHead() {
    assertThat(withHead(HeadType.LINEAR)).isBetween(89_800_000L, 89_950_000L);
    assertThat(withHead(HeadType.MLP)).isBetween(90_850_000L, 91_000_000L);
    assertThat(withHead(HeadType.INVERSE_SWIN_TINY)).isBetween(114_000_000L, 115_250_000L);
    assertThat(withHead(HeadType.INVERSE_SWIN_BASE)).isBetween(173_000_000L, 174_850_000L);
  }

  private static long withHead(HeadType head) {
    ModelConfig config =
        new ModelConfig(
            192,
            6,
            new ModelChoices(
                ObjectiveConfig.SIMMIM,
                SWIN_B,
                new HeadConfig(head, 6),
                TargetConfig.PIXELS,
                LossConfig.SIMMIM),
            false);
    return learned(new MaskedImageModel(config, ClusterColors.NONE).parameters());
  }

  /** The official mae_vit_base_patch16 and mae_vit_large_patch16, without the fixed positions. */
  @Test
  void countsMaskedAutoencoders() {
    assertThat(mae(vit(768, 12, 12))).isBetween(111_500_000L, 111_700_000L);
    assertThat(mae(vit(1024, 24, 16))).isBetween(329_000_000L, 329_400_000L);
  }

  private static long mae(EncoderConfig encoder) {
    ModelConfig config =
        new ModelConfig(
            224,
            14,
            new ModelChoices(
                new ObjectiveConfig(ObjectiveType.MAE, 512, 8, 16),
                encoder,
                HeadConfig.LINEAR,
                TargetConfig.PIXELS_NORMALISED_PER_CELL,
                new LossConfig(LossType.L2, LossArea.MASKED)),
            false);
    return learned(new MaskedImageModel(config, ClusterColors.NONE).parameters());
  }
}
