package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.target.ClusterColors;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskedImageModelTest {
  private static final MaskedImageModel MODEL =
      new MaskedImageModel(
          ModelConfig.simmim(
              64,
              2,
              new EncoderConfig(
                  EncoderType.VIT,
                  16,
                  64,
                  List.of(4),
                  List.of(2),
                  0,
                  0,
                  4,
                  true,
                  true,
                  RelativePositionBias.SHARED,
                  0.1,
                  0)),
          ClusterColors.NONE);
  private static final long SEED = 42;

  private static float[] initial(String name) {
    for (int i = 0; i < MODEL.parameters().size(); i++) {
      if (MODEL.parameters().get(i).name().equals(name)) {
        return MODEL.initialValues(i, SEED);
      }
    }
    throw new AssertionError("no parameter " + name);
  }

  private static double deviation(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void drawsWeightsFromANormalCutAtOneDeviation() {
    float[] weights = initial("encoder.blocks.0.mlp.fc1.weight");

    // The deviation of a standard normal cut at ±1 is 0.5396.
    assertThat(deviation(weights)).isCloseTo(0.02 * 0.5396, within(1e-4));
    assertThat(largest(weights)).isBetween(0.0199, 0.02 + 1e-9);
    assertThat(largest(initial("encoder.mask_token"))).isBetween(0.01, 0.02 + 1e-9);
  }

  @Test
  void shrinksTheOutputsOfResidualBranchesWithDepth() {
    double third = 0.02 / Math.sqrt(2 * 3);

    assertThat(largest(initial("encoder.blocks.2.attn.proj.weight")))
        .isCloseTo(third, within(third * 0.01));
    assertThat(largest(initial("encoder.blocks.2.mlp.fc2.weight")))
        .isCloseTo(third, within(third * 0.01));
  }

  @Test
  void drawsTheHeadUniformly() {
    float[] weights = initial("decoder.0.weight");

    assertThat(largest(weights)).isBetween(0.1249, 0.125);
    assertThat(deviation(weights)).isCloseTo(0.125 / Math.sqrt(3), within(1e-3));
    assertThat(largest(initial("decoder.0.bias"))).isBetween(0.12, 0.125);
  }

  @Test
  void setsNormsTablesAndScalesToConstants() {
    assertThat(initial("encoder.norm.weight")).containsOnly(1);
    assertThat(initial("encoder.blocks.1.norm2.bias")).containsOnly(0);
    assertThat(initial("encoder.blocks.1.gamma_2")).containsOnly(0.1f);
    assertThat(initial("encoder.rel_pos_bias.relative_position_bias_table")).containsOnly(0);
  }

  @Test
  void keepsTheInitialValuesOfASeed() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < MODEL.parameters().size(); i++) {
      float[] values = MODEL.initialValues(i, SEED);
      ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }

    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("44536bd0a5400af4bf420bd378dec4df389e5e7592a1bf4fc4fd0cb25e965096");
  }
}
