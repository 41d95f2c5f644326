package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WeightedVoteTest {
  /** e^(0.9 / 0.07) is more than 17 times e^(0.7 / 0.07), and less than 18 times. */
  @Test
  void weighsNeighboursByTheirCosines() {
    float[] similarities = new float[19];
    int[] classes = new int[19];
    similarities[0] = 0.9f;
    classes[0] = 1;
    for (int i = 1; i < 19; i++) {
      similarities[i] = 0.7f;
    }

    assertThat(WeightedVote.rank(similarities, classes, 18, 1)).isZero();
    assertThat(WeightedVote.rank(similarities, classes, 19, 1)).isEqualTo(1);
    assertThat(WeightedVote.rank(similarities, classes, 19, 0)).isZero();
  }

  @Test
  void putsTheLowerOfTwoEqualClassesFirst() {
    float[] similarities = {0.5f, 0.5f, 0.1f};
    int[] classes = {7, 3, 5};

    assertThat(WeightedVote.rank(similarities, classes, 3, 3)).isZero();
    assertThat(WeightedVote.rank(similarities, classes, 3, 7)).isEqualTo(1);
    assertThat(WeightedVote.rank(similarities, classes, 3, 5)).isEqualTo(2);
  }

  @Test
  void givesNoPlaceToAClassThatNobodyVotesFor() {
    assertThat(WeightedVote.rank(new float[] {1}, new int[] {2}, 20, 1)).isGreaterThan(5);
  }
}
