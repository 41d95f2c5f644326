package io.simmim.trainer.model.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.optimizer.ParameterGroup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What recordings do not have: those replay the rest in {@code TrainerParityTest}. */
class LayerDecayTest {
  private static final double WEIGHT_DECAY = 0.05;

  private static EncoderConfig swin(EncoderType type, boolean absolutePosition) {
    return new EncoderConfig(
        type,
        4,
        8,
        List.of(2, 3),
        List.of(1, 2),
        4,
        0,
        4,
        true,
        absolutePosition,
        RelativePositionBias.NONE,
        0,
        0);
  }

  private static ParameterGroup groupOf(EncoderConfig encoder, String name) {
    List<ParameterSpec> specs =
        new ClassificationModel(new ClassifierConfig(32, encoder, Pooling.MEAN, 2, false))
            .parameters();
    List<String> names = specs.stream().map(ParameterSpec::name).toList();
    return new LayerDecay(encoder, 0.5)
        .groups(specs, WEIGHT_DECAY).stream()
            .filter(group -> group.members().contains(names.indexOf(name)))
            .findFirst()
            .orElseThrow();
  }

  private static void assertGroup(
      EncoderConfig encoder, String name, double scale, double weightDecay) {
    ParameterGroup group = groupOf(encoder, name);
    assertThat(group.rateScale()).as(name).isCloseTo(scale, within(1e-12));
    assertThat(group.weightDecay()).as(name).isEqualTo(weightDecay);
  }

  @Test
  void sparesWhatMakesTheBiasOfVersion2() {
    EncoderConfig encoder = swin(EncoderType.SWINV2, false);

    assertGroup(encoder, "layers.1.blocks.0.attn.logit_scale", 0.125, 0);
    assertGroup(encoder, "layers.1.blocks.0.attn.cpb_mlp.0.weight", 0.125, 0);
    assertGroup(encoder, "layers.1.blocks.0.attn.qkv.weight", 0.125, WEIGHT_DECAY);
  }

  @Test
  void countsMergingToTheBlockBeforeIt() {
    EncoderConfig encoder = swin(EncoderType.SWIN, false);

    assertGroup(encoder, "layers.0.blocks.1.mlp.fc1.weight", 0.0625, WEIGHT_DECAY);
    assertGroup(encoder, "layers.0.downsample.reduction.weight", 0.0625, WEIGHT_DECAY);
    assertGroup(encoder, "layers.1.blocks.0.mlp.fc1.weight", 0.125, WEIGHT_DECAY);
  }

  @Test
  void givesAbsolutePositionsOfASwinTheFullRate() {
    assertGroup(swin(EncoderType.SWIN, true), "absolute_pos_embed", 1, 0);
  }

  @Test
  void refusesADecayAboveOne() {
    assertThatThrownBy(() -> new LayerDecay(swin(EncoderType.SWIN, false), 1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("finetune.layer-decay must be above 0 and at most 1: 1.5");
  }
}
