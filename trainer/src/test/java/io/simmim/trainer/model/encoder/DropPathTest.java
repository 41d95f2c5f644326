package io.simmim.trainer.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DropPathTest {
  private static final double[] RATES = {0, 0.25};

  @Test
  void drawsEachBranchOnItsOwn() {
    DropPath drawn = DropPath.draw(RATES, 1000, 1, 0);

    assertThat(drawn.branches()).isEqualTo(4);
    assertThat(drawn.kept(0)).hasSize(1000);
    assertThat(drawn.kept(1)).hasSize(1000);
    assertThat((double) drawn.kept(2).length).isCloseTo(750, within(60.0));
    assertThat(drawn.kept(2)).isSorted().isNotEqualTo(drawn.kept(3));
    assertThat(drawn.scales()).containsExactly(1, 1 / 0.75);
  }

  @Test
  void isAFunctionOfSeedAndMicroBatch() {
    int[] kept = DropPath.draw(RATES, 100, 1, 7).kept(2);

    assertThat(DropPath.draw(RATES, 100, 1, 7).kept(2)).isEqualTo(kept);
    assertThat(DropPath.draw(RATES, 100, 1, 8).kept(2)).isNotEqualTo(kept);
    assertThat(DropPath.draw(RATES, 100, 2, 7).kept(2)).isNotEqualTo(kept);
  }

  @Test
  void keepsEverythingInEvaluation() {
    DropPath none = DropPath.none(2, 3);

    assertThat(none.kept(3)).containsExactly(0, 1, 2);
    assertThat(none.scales()).containsExactly(1, 1);
  }
}
