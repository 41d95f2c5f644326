package io.simmim.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.trainer.torch.TensorMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Compares with {@code probe.json}: features and labels drawn at random, and what PyTorch 2.13's
 * BatchNorm1d, Linear, cross_entropy and SGD make of them in float64.
 */
class LinearProbeTest {
  private static final Offset<Float> ROUNDINGS = within(2e-5f);

  private final JsonNode recorded = recording();

  @Test
  void learnsWhatPyTorchLearns() {
    try (LinearProbe probe = probe(recorded.get("rates"))) {
      train(probe);

      assertClose(probe.weights(1), "weights");
      assertClose(probe.biases(1), "biases");
      assertClose(probe.statistics(1).get(0), "mean");
      assertClose(probe.statistics(1).get(1), "variance");
      int images = recorded.get("labels").size();
      int[] all = IntStream.range(0, images).toArray();
      assertThat(probe.ranks(1, features(all), labels(all)))
          .containsExactly(
              IntStream.range(0, 2 * images)
                  .mapToLong(i -> recorded.get("ranks").get(i).asLong())
                  .toArray());
      assertThat(probe.weights(0)).as("another set").containsOnly(0);
    }
  }

  @Test
  void putsTheRightClassBehindAllWhereAClassifierHasDiverged() throws IOException {
    // There are three classes: a place among the first five would count as right.
    try (LinearProbe probe = probe(new ObjectMapper().readTree("[0.1, 1e39]"))) {
      train(probe);

      int[] some = {0, 1, 2};
      long[] ranks = probe.ranks(1, features(some), labels(some));

      assertThat(new long[] {ranks[1], ranks[3], ranks[5]}).containsOnly(Integer.MAX_VALUE);
      assertThat(new long[] {ranks[0], ranks[2], ranks[4]}).doesNotContain(Integer.MAX_VALUE);
    }
  }

  @Test
  void putsTheLowerOfEquallyLikelyClassesFirst() {
    try (LinearProbe probe = probe(recorded.get("rates"))) {
      int[] some = {0, 1, 2};

      assertThat(probe.ranks(1, features(some), new long[] {0, 1, 2}))
          .containsExactly(0, 0, 1, 1, 2, 2);
    }
  }

  @Test
  void leavesNothingBehindWhereThereIsNoMemoryForAll() {
    probe(recorded.get("rates")).close(); // libtorch is loaded
    int before = TensorMemory.tensors();

    assertThatThrownBy(
            () -> new LinearProbe(List.of(8, Integer.MAX_VALUE), 100_000, List.of(0.1), "cpu"))
        .isInstanceOf(RuntimeException.class);

    assertThat(TensorMemory.tensors()).isEqualTo(before);
  }

  @Test
  void refusesFeaturesOfAnotherWidthAndUnknownClasses() {
    try (LinearProbe probe = probe(recorded.get("rates"))) {
      assertThatThrownBy(() -> probe.ranks(1, FloatBuffer.allocate(7), new long[] {0, 1}))
          .hasMessage("features of 2 images must have 4 values each: 7 in all");
      assertThatThrownBy(() -> probe.ranks(1, FloatBuffer.allocate(8), new long[] {0, 3}))
          .hasMessage("labels must be from 0 to 2: [0, 3]");
    }
  }

  @Test
  void countsTheBytesOfClassifiersAndMoments() {
    // Weights, biases and both moments of 3 classes and 2 rates, statistics of the norm.
    assertThat(LinearProbe.bytes(List.of(4, 1), 3, 2))
        .isEqualTo(4 * (2 * 6 * (5 + 2) + 2 * (4 + 1)));
  }

  private void train(LinearProbe probe) {
    for (int step = 0; step < recorded.get("batches").size(); step++) {
      List<Integer> batch = new ArrayList<>();
      recorded.get("batches").get(step).forEach(image -> batch.add(image.asInt()));
      int[] images = batch.stream().mapToInt(Integer::intValue).toArray();
      probe.step(1, features(images), labels(images), recorded.get("factors").get(step).asDouble());
    }
  }

  private LinearProbe probe(JsonNode rates) {
    List<Double> values = new ArrayList<>();
    rates.forEach(rate -> values.add(rate.asDouble()));
    return new LinearProbe(
        List.of(2, recorded.get("width").asInt()), recorded.get("classes").asInt(), values, "cpu");
  }

  private FloatBuffer features(int[] images) {
    int width = recorded.get("width").asInt();
    FloatBuffer features = FloatBuffer.allocate(images.length * width);
    for (int image : images) {
      for (int i = 0; i < width; i++) {
        features.put((float) recorded.get("features").get(image * width + i).asDouble());
      }
    }
    return features.flip();
  }

  private long[] labels(int[] images) {
    return IntStream.of(images).mapToLong(i -> recorded.get("labels").get(i).asLong()).toArray();
  }

  private void assertClose(float[] values, String name) {
    assertThat(values).hasSize(recorded.get(name).size());
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i])
          .as("%s %d", name, i)
          .isCloseTo((float) recorded.get(name).get(i).asDouble(), ROUNDINGS);
    }
  }

  private static JsonNode recording() {
    try (InputStream recording = LinearProbeTest.class.getResourceAsStream("probe.json")) {
      return new ObjectMapper().readTree(recording);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
