package io.simmim.trainer.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class VitEncoderTest {
  private static final EncoderConfig VIT_BASE =
      new EncoderConfig(
          EncoderType.VIT,
          16,
          768,
          List.of(12),
          List.of(12),
          0,
          0,
          4,
          true,
          false,
          RelativePositionBias.SHARED,
          0.1,
          0.1);

  private static EncoderConfig small(
      boolean qkvBias, boolean absolute, RelativePositionBias bias, double layerScale) {
    return new EncoderConfig(
        EncoderType.VIT,
        16,
        32,
        List.of(2),
        List.of(2),
        0,
        0,
        4,
        qkvBias,
        absolute,
        bias,
        layerScale,
        0);
  }

  private static List<String> names(EncoderConfig config, int imageSize) {
    return new VitEncoder(config, imageSize)
        .parameters().stream().map(p -> p.name() + p.tensor().shape()).toList();
  }

  @Test
  void hasThePublishedNumberOfParametersForVitBase() {
    long count =
        new VitEncoder(VIT_BASE, 224)
            .parameters().stream().mapToLong(p -> p.tensor().elements()).sum();

    assertThat(count).isEqualTo(85_666_128L);
  }

  @Test
  void namesParametersInTheOfficialOrder() {
    assertThat(names(small(true, true, RelativePositionBias.SHARED, 0.1), 32))
        .startsWith(
            "encoder.cls_token[1, 1, 32]",
            "encoder.pos_embed[1, 5, 32]",
            "encoder.mask_token[1, 1, 32]",
            "encoder.patch_embed.proj.weight[32, 3, 16, 16]",
            "encoder.patch_embed.proj.bias[32]",
            "encoder.rel_pos_bias.relative_position_bias_table[12, 2]",
            "encoder.blocks.0.gamma_1[32]",
            "encoder.blocks.0.gamma_2[32]",
            "encoder.blocks.0.norm1.weight[32]",
            "encoder.blocks.0.norm1.bias[32]",
            "encoder.blocks.0.attn.q_bias[32]",
            "encoder.blocks.0.attn.v_bias[32]",
            "encoder.blocks.0.attn.qkv.weight[96, 32]")
        .endsWith("encoder.norm.weight[32]", "encoder.norm.bias[32]");
  }

  @Test
  void leavesOutWhatIsSwitchedOff() {
    assertThat(names(small(false, false, RelativePositionBias.PER_BLOCK, 0), 32))
        .contains("encoder.blocks.1.attn.relative_position_bias_table[12, 2]")
        .noneMatch(name -> name.matches(".*(pos_embed|gamma|q_bias|v_bias|rel_pos_bias).*"));
  }

  @Test
  void decaysMatricesTablesAndTheMaskTokenOnly() {
    assertThat(
            new VitEncoder(small(true, true, RelativePositionBias.SHARED, 0.1), 32)
                .parameters().stream()
                    .filter(ParameterSpec::decays)
                    .map(ParameterSpec::name)
                    .filter(name -> !name.contains("blocks.1")))
        .containsExactly(
            "encoder.mask_token",
            "encoder.patch_embed.proj.weight",
            "encoder.rel_pos_bias.relative_position_bias_table",
            "encoder.blocks.0.attn.qkv.weight",
            "encoder.blocks.0.attn.proj.weight",
            "encoder.blocks.0.mlp.fc1.weight",
            "encoder.blocks.0.mlp.fc2.weight");
  }

  @Test
  void indexesRelativePositionsAsTheOfficialCode() {
    ConstantTensor index =
        new VitEncoder(small(true, false, RelativePositionBias.SHARED, 0), 32).constants().get(0);

    assertThat(((ConstantTensor.Integers) index).values())
        .containsExactly(
            11, 9, 9, 9, 9, //
            10, 4, 3, 1, 0, //
            10, 5, 4, 2, 1, //
            10, 7, 6, 4, 3, //
            10, 8, 7, 5, 4);
  }

  @Test
  void dropsMoreTowardsTheLastBlock() {
    double[] rates = new VitEncoder(VIT_BASE, 224).dropPathRates();

    assertThat(rates).hasSize(12);
    assertThat(rates[0]).isZero();
    assertThat(rates[1]).isCloseTo(0.1 / 11, within(1e-12));
    assertThat(rates[11]).isEqualTo(0.1);
  }

  @Test
  void doesNotDropInASingleBlock() {
    EncoderConfig config =
        new EncoderConfig(
            EncoderType.VIT,
            16,
            32,
            List.of(1),
            List.of(2),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0.5);

    assertThat(new VitEncoder(config, 32).dropPathRates()).containsExactly(0);
  }
}
