package io.simmim.trainer.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.trainer.model.parameter.ParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

public class SwinEncoderTest {
  /** Two stages of two blocks on patches of 4 pixels. */
  public static EncoderConfig config(EncoderType type, int width, int window) {
    return config(type, width, List.of(2, 2), List.of(1, 2), window);
  }

  private static EncoderConfig config(
      EncoderType type, int width, List<Integer> depth, List<Integer> heads, int window) {
    return new EncoderConfig(
        type, 4, width, depth, heads, window, 0, 4, true, false, RelativePositionBias.NONE, 0, 0);
  }

  private static long parameters(EncoderConfig config, int imageSize) {
    return new SwinEncoder(config, imageSize)
        .parameters().stream().mapToLong(spec -> spec.tensor().elements()).sum();
  }

  /**
   * Published: 28, 50, 88 and 197 million with the classifier's 1000 outputs (Liu et al., ICCV
   * 2021, table 1), at window 7.
   */
  @Test
  void hasThePublishedNumbersOfParameters() {
    EncoderConfig tiny =
        config(EncoderType.SWIN, 96, List.of(2, 2, 6, 2), List.of(3, 6, 12, 24), 7);
    EncoderConfig small =
        config(EncoderType.SWIN, 96, List.of(2, 2, 18, 2), List.of(3, 6, 12, 24), 7);
    EncoderConfig base =
        config(EncoderType.SWIN, 128, List.of(2, 2, 18, 2), List.of(4, 8, 16, 32), 7);
    EncoderConfig large =
        config(EncoderType.SWIN, 192, List.of(2, 2, 18, 2), List.of(6, 12, 24, 48), 7);

    // The mask token is SimMIM's: one width. The official models without their heads.
    assertThat(parameters(tiny, 224) - 96).isEqualTo(27_519_354);
    assertThat(parameters(small, 224) - 96).isEqualTo(48_837_258);
    assertThat(parameters(base, 224) - 128).isEqualTo(86_743_224);
    assertThat(parameters(large, 224) - 192).isEqualTo(194_995_476);
  }

  @Test
  void countsTheLargeModelsOfVersion2WithoutAllocatingThem() {
    EncoderConfig huge =
        config(EncoderType.SWINV2, 352, List.of(2, 2, 18, 2), List.of(11, 22, 44, 88), 12);
    EncoderConfig giant =
        config(EncoderType.SWINV2, 512, List.of(2, 2, 42, 4), List.of(16, 32, 64, 128), 12);

    assertThat(parameters(huge, 192)).isBetween(650_000_000L, 666_000_000L);
    assertThat(parameters(giant, 192)).isBetween(2_950_000_000L, 3_050_000_000L);
  }

  @Test
  void namesParametersAsTheOfficialCode() {
    assertThat(new SwinEncoder(config(EncoderType.SWIN, 8, 2), 32).parameters())
        .extracting(ParameterSpec::name)
        .startsWith(
            "encoder.mask_token",
            "encoder.patch_embed.proj.weight",
            "encoder.patch_embed.proj.bias",
            "encoder.patch_embed.norm.weight",
            "encoder.patch_embed.norm.bias",
            "encoder.layers.0.blocks.0.norm1.weight",
            "encoder.layers.0.blocks.0.norm1.bias",
            "encoder.layers.0.blocks.0.attn.relative_position_bias_table")
        .contains(
            "encoder.layers.0.downsample.reduction.weight", "encoder.layers.1.blocks.1.norm2.bias")
        .doesNotContain("encoder.layers.1.downsample.reduction.weight")
        .endsWith("encoder.norm.weight", "encoder.norm.bias");
  }

  @Test
  void beginsVersion2WithSilentBranches() {
    SwinEncoder encoder = new SwinEncoder(config(EncoderType.SWINV2, 8, 2), 32);

    assertThat(encoder.parameters())
        .filteredOn(spec -> spec.name().matches(".*blocks.*norm[12].weight"))
        .hasSize(8)
        .allSatisfy(
            spec -> {
              float[] values = {1};
              spec.initializer().fill(values, null);
              assertThat(values).containsExactly(0);
            });
  }

  @Test
  void separatesWhatWrapsAroundTheBorderOfShiftedWindows() {
    SwinStage stage = SwinStage.of(config(EncoderType.SWIN, 8, 2), 16).get(0);

    // 4 x 4 patches in windows of 2, shifted by 1: the last row and column come from the other
    // side.
    assertThat(stage.regions()).containsExactly(0, 0, 0, 0, 1, 2, 1, 2, 3, 3, 6, 6, 4, 5, 7, 8);
  }

  @Test
  void shrinksAWindowThatExceedsTheResolution() {
    List<SwinStage> stages = SwinStage.of(config(EncoderType.SWIN, 8, 8), 32);

    assertThat(stages).extracting(SwinStage::window).containsExactly(8, 4);
  }

  @Test
  void refusesGeometryThatDoesNotFit() {
    assertThatThrownBy(() -> config(EncoderType.SWIN, 8, 2).requireFits(36))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image.size must be a multiple of 8, encoder.patch-size 4 halved 1 times: 36");
  }

  @Test
  void fillsUpWindowsThatDoNotDivideAStage() {
    SwinStage stage = SwinStage.of(config(EncoderType.SWIN, 8, 3), 32).get(0);

    assertThat(stage.isPadded()).isTrue();
    // Three windows of three patches stand over the eight patches of each side.
    assertThat(stage.regions()).hasSize(81);
  }
}
