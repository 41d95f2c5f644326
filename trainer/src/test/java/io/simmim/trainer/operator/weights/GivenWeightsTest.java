package io.simmim.trainer.operator.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenWeightsTest {
  private static final Path RECORDED =
      Path.of("src/test/resources/io/simmim/trainer/interop").toAbsolutePath();

  @TempDir private Path work;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf_swin_mim",
        "timm_swin",
        "timm_swin_headless",
        "timm_swinv2_headless",
        "hf_beit"
      })
  void areUnderOfficialNamesWhicheverLibraryWroteThem(String name) throws IOException {
    Path file = RECORDED.resolve(name).resolve("model.safetensors");
    ModelConfig model = model(file);

    try (FittedWeights weights =
        FittedWeights.of(
            name, new MaskedImageModel(model, ClusterColors.NONE).parameters(), open(file))) {
      weights.requireFinite();
      assertThat(weights.drawn())
          .allMatch(drawn -> drawn.matches("(encoder\\.)?(mask_token|decoder\\..*)"));
    }
  }

  /** Their keys have biases there, of which no model here knows. */
  @Test
  void leaveOutWhatASoftmaxDoesNotSee() throws IOException {
    Path file = work.resolve("model.safetensors");
    Files.copy(Path.of("src/test/resources/features/timm_vit/model.safetensors"), file);
    Files.writeString(
        work.resolve("config.json"),
        "{\"architecture\": \"vit_tiny_patch16_224\", \"model_args\": {\"num_heads\": 3}}");

    try (FittedWeights weights =
        FittedWeights.of(
            "timm_vit",
            new MaskedImageModel(model(file), ClusterColors.NONE).parameters(),
            open(file))) {
      assertThat(weights.shapes())
          .containsKey("encoder.blocks.0.attn.q_bias")
          .doesNotContainKey("encoder.blocks.0.attn.k_bias");
    }
  }

  @Test
  void haveTheValuesOfTheFile() throws IOException {
    Path file = RECORDED.resolve("hf_beit/model.safetensors");

    try (NamedTensors weights = open(file);
        SafetensorsFile plain = SafetensorsFile.open(file)) {
      String qkv = "encoder.blocks.1.attn.qkv.weight";
      String keys = "encoder.layer.1.attention.attention.key.weight";
      float[] joined = weights.read(qkv);
      float[] middle = plain.readFloats(keys);
      assertThat(joined).hasSize(3 * middle.length);
      assertThat(Arrays.copyOfRange(joined, middle.length, 2 * middle.length)).isEqualTo(middle);
    }
  }

  @Test
  void keepTheirNamesBesideAnythingElse() throws IOException {
    Path file = work.resolve("model.safetensors");
    Files.copy(RECORDED.resolve("hf_beit/model.safetensors"), file);
    try (NamedTensors weights = open(file)) {
      assertThat(weights.shapes()).containsKey("encoder.layer.1.layernorm_before.weight");
    }
    Files.writeString(work.resolve("config.json"), "no JSON");
    try (NamedTensors weights = open(file)) {
      assertThat(weights.shapes()).containsKey("encoder.layer.1.layernorm_before.weight");
    }
  }

  @Test
  void areRefusedBesideTheDescriptionOfAnotherModel() throws IOException {
    Path file = work.resolve("model.safetensors");
    Files.copy(RECORDED.resolve("hf_beit/model.safetensors"), file);
    Files.copy(RECORDED.resolve("timm_swin/config.json"), work.resolve("config.json"));

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .hasLineCount(1);
  }

  private static NamedTensors open(Path file) throws IOException {
    return GivenWeights.open(new org.apache.flink.core.fs.Path(file.toUri()), file);
  }

  private static ModelConfig model(Path weights) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      return ForeignModel.read(
              ForeignText.of(Files.readString(weights.resolveSibling("config.json"))),
              TensorSource.of(new SafetensorsTensors(file, "")))
          .orElseThrow()
          .model();
    }
  }
}
