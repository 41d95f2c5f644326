package io.simmim.trainer.model.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.Normalization;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassifierDescriptionTest {
  private final ClassifierDescription description =
      new ClassifierDescription(
          new ClassifierConfig(
              32,
              new EncoderConfig(
                  EncoderType.VIT,
                  8,
                  12,
                  List.of(2),
                  List.of(3),
                  0,
                  0,
                  4,
                  true,
                  true,
                  RelativePositionBias.PER_BLOCK,
                  0.1,
                  0.2),
              Pooling.CLASS_TOKEN,
              2,
              false),
          List.of("cat", "dog"));

  @Test
  void readsWhatItWrote() {
    ObjectNode json = description.json();
    json.putObject("results").put("top1", 1);

    assertThat(ClassifierDescription.parse(json.toString())).isEqualTo(description);
  }

  @Test
  void saysHowImagesAreNormalisedUnlessItIsImageNets() {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    ClassifierDescription shown =
        new ClassifierDescription(
            description.model().withNormalization(half), description.classes());

    assertThat(shown.json().has("image_mean")).isTrue();
    assertThat(ClassifierDescription.parse(shown.json().toString())).isEqualTo(shown);
    assertThat(description.json().has("image_mean")).isFalse();
  }

  @Test
  void saysWhatIsWrong() {
    assertRefused(description.json().without("num_classes"), "the key is missing: num_classes");
    assertRefused(
        description.json().put("num_classes", 3),
        "num_classes must be 2, as many as there are names: 3");
    assertRefused(
        description.json().put("embed_dim", 1 << 20), "embed_dim must be at most 16384: 1048576");
    assertRefused(
        description.json().put("type", "resnet").putPOJO("depths", List.of(1)),
        "a resnet has encoder.patch-size 4, encoder.num-heads [], encoder.window-size 0 and"
            + " encoder.absolute-position false: 8, [3], 0, true");
    assertRefused(description.json().without("qkv_bias"), "the key is missing: qkv_bias");
  }

  private static void assertRefused(Object json, String message) {
    assertThatThrownBy(() -> ClassifierDescription.parse(json.toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
