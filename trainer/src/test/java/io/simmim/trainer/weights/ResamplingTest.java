package io.simmim.trainer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables of biases are compared with recordings by {@code TrainerParityTest}. */
class ResamplingTest {
  /** Largest rounding of the recordings, which are fp32 sums of 16 products below 4. */
  private static final float ROUNDING = 2e-6f;

  /** {@code positions.json}: what PyTorch's bicubic interpolation makes of drawn positions. */
  @Test
  void resamplesPositionsAsPyTorch() throws IOException {
    JsonNode cases;
    try (InputStream in = ResamplingTest.class.getResourceAsStream("positions.json")) {
      cases = new ObjectMapper().readTree(in);
    }
    assertThat(cases).hasSize(4);
    for (JsonNode recorded : cases) {
      Resampling resampling =
          Resampling.of("encoder.pos_embed", shape(recorded, "found"), shape(recorded, "wanted"))
              .orElseThrow();
      float[] resampled = resampling.apply(floats(recorded.path("positions")));

      assertThat(resampled)
          .as(resampling.text())
          .containsExactly(floats(recorded.path("resampled")), within(ROUNDING));
    }
  }

  private static List<Long> shape(JsonNode recorded, String key) {
    List<Long> shape = new ArrayList<>();
    recorded.path(key).forEach(size -> shape.add(size.asLong()));
    return shape;
  }

  private static float[] floats(JsonNode values) {
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) values.get(i).asDouble();
    }
    return result;
  }

  @Test
  void leavesATableOfTheSameDistancesAlone() {
    float[] table = new float[7 * 7 * 2];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) Math.sin(i);
    }
    // Distances of the source grow, so only the middle and its neighbours stay where they are.
    float[] resampled = new BiasTable(7, 7, 0, 2).apply(table);

    assertThat(resampled[2 * 24]).isEqualTo(table[2 * 24], within(1e-6f));
  }

  @Test
  void goesThroughSmallTables() {
    assertThat(new BiasTable(1, 3, 3, 1).apply(new float[] {5, 1, 2, 3}))
        .containsExactly(5, 5, 5, 5, 5, 5, 5, 5, 5, 1, 2, 3);
    float[] plane = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    assertThat(new BiasTable(3, 3, 0, 1).apply(plane)).containsExactly(plane, within(1e-6f));
  }

  @Test
  void resamplesNothingElse() {
    List<Long> table = List.of(49L, 2L);
    String name = "attn.relative_position_bias_table";
    assertThat(Resampling.of(name, table, List.of(81L, 3L))).isEmpty();
    assertThat(Resampling.of(name, table, List.of(84L, 2L))).isEmpty();
    assertThat(Resampling.of(name, List.of(64L, 2L), table)).isEmpty();
    assertThat(Resampling.of("attn.proj.weight", table, List.of(81L, 2L))).isEmpty();
    assertThat(Resampling.of("pos_embed", List.of(1L, 17L, 8L), List.of(1L, 16L, 8L))).isEmpty();
    assertThat(Resampling.of("pos_embed", List.of(1L, 17L, 8L), List.of(1L, 10L, 9L))).isEmpty();
  }
}
