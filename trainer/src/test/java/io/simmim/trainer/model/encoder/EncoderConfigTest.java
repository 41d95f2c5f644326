package io.simmim.trainer.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class EncoderConfigTest {
  private static EncoderConfig config(
      int embedDim, int heads, double mlpRatio, double layerScale, double dropPath) {
    return config(embedDim, heads, mlpRatio, RelativePositionBias.NONE, layerScale, dropPath);
  }

  private static EncoderConfig config(
      int embedDim,
      int heads,
      double mlpRatio,
      RelativePositionBias bias,
      double layerScale,
      double dropPath) {
    return new EncoderConfig(
        EncoderType.VIT,
        16,
        embedDim,
        List.of(2),
        List.of(heads),
        0,
        0,
        mlpRatio,
        true,
        true,
        bias,
        layerScale,
        dropPath);
  }

  private static EncoderConfig swin(EncoderType type, List<Integer> pretrained) {
    return swin(type, 8, pretrained);
  }

  private static EncoderConfig swin(EncoderType type, int window, List<Integer> pretrained) {
    return new EncoderConfig(
        type,
        4,
        8,
        List.of(1, 1),
        List.of(1, 2),
        window,
        0,
        pretrained,
        4,
        true,
        false,
        RelativePositionBias.NONE,
        0,
        0);
  }

  @Test
  void cutsTheWidthOfTheMlpToAnInteger() {
    assertThat(config(48, 3, 2.67, 0, 0).mlpWidth()).isEqualTo(128);
  }

  @Test
  void refusesWhatCannotBeBuilt() {
    assertRefused(
        () -> config(48, 5, 4, 0, 0), "encoder.num-heads must divide encoder.embed-dim 48: 5");
    assertRefused(() -> config(0, 1, 4, 0, 0), "encoder.embed-dim must be at least 1: 0");
    assertRefused(
        () -> config(48, 3, 0, 0, 0), "encoder.mlp-ratio must be above 0 and at most 64: 0.0");
    assertRefused(
        () -> config(48, 3, 4, -0.1, 0),
        "encoder.layer-scale-init must be between 0 (none) and 1: -0.1");
    assertRefused(
        () -> config(48, 3, 4, 0, 1), "encoder.drop-path-rate must be at least 0 and below 1: 1.0");
    assertRefused(
        () -> config(48, 3, 4, 0, Double.NaN),
        "encoder.drop-path-rate must be at least 0 and below 1: NaN");
  }

  @Test
  void refusesPretrainedWindowsThatAreNone() {
    EncoderConfig own = swin(EncoderType.SWINV2, List.of());
    assertThat(swin(EncoderType.SWINV2, List.of(0, 0))).isEqualTo(own);
    assertThat(own.spelledPretrainedWindowSizes()).containsExactly(0, 0);
    assertRefused(
        () -> swin(EncoderType.SWIN, List.of(6)),
        "encoder.pretrained-window-sizes is for a swinv2; with swin it must be []: [6]");
    assertRefused(
        () -> swin(EncoderType.SWINV2, List.of(6)),
        "encoder.pretrained-window-sizes must have 0 or 2 to 4096 for each of 2 stages: [6]");
    assertRefused(
        () -> swin(EncoderType.SWINV2, List.of(6, 1)),
        "encoder.pretrained-window-sizes must have 0 or 2 to 4096 for each of 2 stages: [6, 1]");
  }

  /** Of which there is one for each pair of tokens. */
  @Test
  void refusesMorePositionsThanAnArrayHasPlacesFor() {
    EncoderConfig shared = config(48, 3, 4, RelativePositionBias.SHARED, 0, 0);
    shared.requireFits(16 * 215);
    assertRefused(
        () -> shared.requireFits(16 * 216),
        "image.size must have at most 215 patches along a side with encoder.relative-position-bias shared: 216");
    config(48, 3, 4, 0, 0).requireFits(16 * 216);
    EncoderConfig windows = swin(EncoderType.SWIN, 256, List.of());
    windows.requireFits(4 * 214); // which its windows shrink to
    assertRefused(
        () -> windows.requireFits(4 * 256), "encoder.window-size must be at most 215: 256");
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
