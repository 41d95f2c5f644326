package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.Normalization;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelDescriptionTest {
  private static final String VIT =
      """
      {"type": "vit", "image_size": 64, "mask_patch_size": 16, "patch_size": 8, "embed_dim": 16,
       "depth": 3, "num_heads": 2, "mlp_ratio": 4.0, "qkv_bias": true, "use_abs_pos_emb": false,
       "use_shared_rel_pos_bias": true, "use_rel_pos_bias": false, "layer_scale_init": 0.1,
       "drop_path_rate": 0.2, "in_chans": 3, "encoder_stride": 8, "head_type": "linear", "target_type": "pixels",
       "norm_target_per_cell": false, "target_downsampling": 1, "norm_target_patch_size": 0,
       "loss_type": "l1", "loss_area": "masked"}
      """;

  static Stream<Map.Entry<String, ModelConfig>> models() {
    return SmallModels.all().entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void readsWhatTheWriterWrites(Map.Entry<String, ModelConfig> named) throws IOException {
    ModelConfig model = named.getValue();
    TrainerConfig config = SmallModels.trainer(model, Precision.FP32);

    ModelDescription read = ModelDescription.parse(json(config));

    assertThat(read.colors()).isEqualTo(config.colors());
    assertThat(json(SmallModels.trainer(read.model(), Precision.FP32))).isEqualTo(json(config));
    // Not written: a window that no head has, and stochastic depth of MAE.
    assertThat(read.model())
        .usingRecursiveComparison()
        .ignoringFields(
            "choices.head.windowSize",
            named.getKey().equals("mae") ? "choices.encoder.dropPathRate" : "")
        .isEqualTo(model);
  }

  @Test
  void saysHowImagesAreNormalisedUnlessItIsImageNets() throws IOException {
    ModelConfig imagenet = SmallModels.all().get("vit");
    ModelConfig half =
        imagenet.withNormalization(
            new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.5, 1.0)));

    String said = json(SmallModels.trainer(half, Precision.FP32));

    assertThat(said).contains("\"image_mean\":[0.5,0.5,0.5],\"image_std\":[0.25,0.5,1.0]");
    assertThat(ModelDescription.parse(said).model()).isEqualTo(half);
    assertThat(json(SmallModels.trainer(imagenet, Precision.FP32))).doesNotContain("image_mean");
    assertThatThrownBy(() -> ModelDescription.parse(said.replace("0.25,0.5,1.0", "0.25,0.5")))
        .hasMessage("image_std must be three numbers (red, green, blue): [0.25,0.5]");
    assertThatThrownBy(() -> ModelDescription.parse(said.replace("0.25,0.5,1.0", "0.25,0.5,0")))
        .hasMessageStartingWith("image_std must be three numbers (red, green, blue) from 0.001 to");
  }

  /** Names and meaning are those of the official constructor. */
  @Test
  void saysWhichWindowsAPositionBiasWasFirstTrainedWithIfItWas() throws IOException {
    ModelConfig own = SmallModels.swinV2(List.of());
    ModelConfig larger = SmallModels.swinV2(List.of(6, 6, 0));

    String said = json(SmallModels.trainer(larger, Precision.FP32));

    assertThat(said).contains("\"pretrained_window_sizes\":[6,6,0]");
    assertThat(ModelDescription.parse(said).model()).isEqualTo(larger);
    assertThat(json(SmallModels.trainer(own, Precision.FP32))).doesNotContain("pretrained");
  }

  private static String json(TrainerConfig config) throws IOException {
    return new ObjectMapper().writeValueAsString(config.description());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"mlp_ratio\": 4.0, || the key is missing: mlp_ratio",
        "\"vit\"|\"vgg\"| encoder type vgg is not supported",
        "\"depth\": 3|\"depth\": 3.5| depth must be 3: 3.5",
        "\"depth\": 3|\"depth\": 2000000000| depth must be at most 1024: 2000000000",
        "\"depth\": 3|\"depths\": [2, 3e300]| depths must be at most 1024: 3.0E300",
        "\"image_size\": 64|\"image_size\": 1000000| image_size must be at most 8192: 1000000",
        "\"depth\": 3|\"depth\": 0| encoder.depth must be from 1 to 1024: 0",
        "\"mask_patch_size\": 16|\"mask_patch_size\": 0| mask_patch_size must divide image_size 64:"
            + " 0",
        "true|\"yes\"| qkv_bias must be true: \"yes\"",
      })
  void saysWhatIsWrong(String what, String instead, String message) {
    String text = VIT.replace(what, instead == null ? "" : instead);

    assertThatThrownBy(() -> ModelDescription.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"'{', it is no JSON: ", "'[1]', it is no JSON object", "'', it is no JSON object"})
  void refusesWhatIsNoDescription(String text, String message) {
    assertThatThrownBy(() -> ModelDescription.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
