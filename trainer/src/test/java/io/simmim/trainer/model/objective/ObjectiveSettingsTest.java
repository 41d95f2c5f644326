package io.simmim.trainer.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectiveSettingsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ClusterColors COLORS =
      new ClusterColors(new float[] {0, 0, 0, 255, 255, 255});
  private static final LossConfig CROSS_ENTROPY =
      new LossConfig(LossType.CROSS_ENTROPY, LossArea.FULL);
  private static final ModelChoices MAE =
      new ModelChoices(
          new ObjectiveConfig(ObjectiveType.MAE, 32, 2, 4),
          vit(RelativePositionBias.NONE, 0, 0),
          HeadConfig.LINEAR,
          TargetConfig.PIXELS_NORMALISED_PER_CELL,
          new LossConfig(LossType.L2, LossArea.MASKED));

  static Stream<ModelChoices> models() {
    EncoderConfig vit = vit(RelativePositionBias.SHARED, 0.1, 0.2);
    EncoderConfig swin = swin(EncoderType.SWIN, 0);
    TargetConfig bins = new TargetConfig(TargetType.BINS, 2, 0, false, 16, 512, null);
    TargetConfig clusters = new TargetConfig(TargetType.CLUSTERS, 1, 0, false, 8, 2, null);
    return Stream.of(
        MAE,
        simmim(vit, HeadConfig.LINEAR, TargetConfig.PIXELS, LossConfig.SIMMIM),
        simmim(
            vit(RelativePositionBias.PER_BLOCK, 0, 0),
            new HeadConfig(HeadType.MLP, 6),
            TargetConfig.PIXELS_NORMALISED_PER_CELL,
            new LossConfig(LossType.SMOOTH_L1, LossArea.FULL)),
        simmim(
            swin,
            new HeadConfig(HeadType.INVERSE_SWIN_TINY, 3),
            TargetConfig.pixels(4, 47),
            LossConfig.SIMMIM),
        simmim(swin(EncoderType.SWINV2, 2), HeadConfig.LINEAR, bins, CROSS_ENTROPY),
        simmim(resnet(), HeadConfig.LINEAR, clusters, CROSS_ENTROPY));
  }

  private static ModelChoices simmim(
      EncoderConfig encoder, HeadConfig head, TargetConfig target, LossConfig loss) {
    return new ModelChoices(ObjectiveConfig.SIMMIM, encoder, head, target, loss);
  }

  private static EncoderConfig vit(
      RelativePositionBias bias, double layerScaleInit, double dropPathRate) {
    boolean absolute = bias == RelativePositionBias.NONE;
    return new EncoderConfig(
        EncoderType.VIT,
        16,
        48,
        List.of(3),
        List.of(4),
        0,
        0,
        3.5,
        true,
        absolute,
        bias,
        layerScaleInit,
        dropPathRate);
  }

  private static EncoderConfig swin(EncoderType type, int mainNormInterval) {
    return new EncoderConfig(
        type,
        4,
        8,
        List.of(2, 1),
        List.of(1, 2),
        4,
        mainNormInterval,
        4,
        false,
        true,
        RelativePositionBias.NONE,
        0,
        0.3);
  }

  private static EncoderConfig resnet() {
    return new EncoderConfig(
        EncoderType.RESNET,
        4,
        8,
        List.of(2, 1),
        List.of(),
        0,
        0,
        4,
        true,
        false,
        RelativePositionBias.NONE,
        0,
        0.1);
  }

  private static ObjectNode written(ModelChoices model) {
    ObjectiveSettings settings = ObjectiveSettings.of(model.objective().type());
    ObjectNode json = MAPPER.createObjectNode();
    json.put("type", settings.modelType(model));
    settings.write(json, model, COLORS);
    return json;
  }

  @ParameterizedTest
  @MethodSource("models")
  void tellTheModelAgain(ModelChoices model) throws Exception {
    String text = MAPPER.writeValueAsString(written(model));

    assertThat(ObjectiveSettings.readAny(MAPPER.readTree(text))).isEqualTo(model);
  }

  @Test
  void ofMaeAreThoseOfItsOfficialCode() {
    assertThat(written(MAE))
        .hasToString(
            "{\"type\":\"mae\",\"patch_size\":16,\"in_chans\":3,\"embed_dim\":48,\"depth\":3,"
                + "\"num_heads\":4,\"mlp_ratio\":3.5,\"qkv_bias\":true,\"decoder_embed_dim\":32,"
                + "\"decoder_depth\":2,\"decoder_num_heads\":4,\"norm_pix_loss\":true}");
  }

  @Test
  void refuseWhatIsNotThere() {
    ObjectNode json = written(models().skip(1).findFirst().orElseThrow());
    json.put("head_type", "round");
    assertThatThrownBy(() -> ObjectiveSettings.readAny(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("head_type round is not supported");

    json.put("type", "perceiver");
    assertThatThrownBy(() -> ObjectiveSettings.readAny(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("encoder type perceiver is not supported");
  }
}
