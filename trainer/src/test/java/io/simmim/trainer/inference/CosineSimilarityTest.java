package io.simmim.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CosineSimilarityTest {
  @Test
  void multipliesEachVectorWithEachOfTheBlock() {
    float[] block = CosineSimilarity.normalised(new float[] {3, 4, 0, 2, -1, 0}, 2);
    float[] others = CosineSimilarity.normalised(new float[] {1, 0, 0, -5}, 2);

    try (CosineSimilarity similarity = new CosineSimilarity(block, 2)) {
      assertThat(similarity.count()).isEqualTo(3);
      assertThat(similarity.with(others))
          .containsExactly(new float[] {0.6f, 0, -1, -0.8f, -1, 0}, within(1e-6f));
    }
  }

  @Test
  void leavesAVectorWithoutLengthAsItIs() {
    assertThat(CosineSimilarity.normalised(new float[] {0, 0, 0.6f, 0.8f}, 2))
        .containsExactly(new float[] {0, 0, 0.6f, 0.8f}, within(1e-6f));
  }
}
