package io.simmim.trainer.mixing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class BatchMixTest {
  @Test
  void mixesAndSaysWhatTimmDoes() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(BatchMixTest.class.getResourceAsStream("mixing.json"));

    assertThat(cases.path("cases")).hasSize(5);
    for (JsonNode recorded : cases.path("cases")) {
      int images = recorded.path("images").asInt();
      int size = recorded.path("size").asInt();
      float[] pixels = pixels(images, size);
      BatchMix mix = mix(recorded, size);

      mix.apply(pixels, images, size);

      assertThat(mix.share()).isEqualTo(recorded.path("share").asDouble());
      assertThat(pixels).isEqualTo(floats(recorded.path("pixels")));
      int[] labels =
          StreamSupport.stream(recorded.path("labels").spliterator(), false)
              .mapToInt(JsonNode::asInt)
              .toArray();
      assertThat(
              mix.targets(
                  labels, recorded.path("classes").asInt(), recorded.path("smoothing").asDouble()))
          .isEqualTo(floats(recorded.path("targets")));
    }
  }

  @Test
  void leavesImagesThatAreNotMixed() {
    float[] pixels = pixels(2, 4);

    BatchMix.NONE.apply(pixels, 2, 4);

    assertThat(pixels).isEqualTo(pixels(2, 4));
    assertThat(BatchMix.NONE.targets(new int[] {1, 0}, 2, 0)).containsExactly(0, 1, 1, 0);
  }

  @Test
  void refusesLabelsThatAreNoClasses() {
    assertThatThrownBy(() -> BatchMix.NONE.targets(new int[] {0, 3}, 3, 0.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels must be 0 to 2: 3");
    assertThatThrownBy(() -> BatchMix.NONE.targets(new int[] {0}, 3, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("label smoothing must be at least 0 and below 1: 1.0");
    assertThatThrownBy(() -> BatchMix.cutmix(5, 2, 0, 3, 1).apply(new float[48], 1, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("does not fit 1 images of 4 pixels in 48 floats");
  }

  private static BatchMix mix(JsonNode recorded, int size) {
    JsonNode cut = recorded.path("cut");
    return cut.isNull()
        ? BatchMix.mixup(recorded.path("share").asDouble())
        : BatchMix.cutmix(
            size,
            cut.path(0).asInt(),
            cut.path(1).asInt(),
            cut.path(2).asInt(),
            cut.path(3).asInt());
  }

  private static float[] pixels(int images, int size) {
    float[] pixels = new float[images * 3 * size * size];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) (i * 37 % 101 / 50.0 - 1);
    }
    return pixels;
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.path(i).asDouble();
    }
    return floats;
  }
}
