package io.simmim.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatchIndexTest {
  private static final byte[] MASKS = {1, 0, 0, 0, /* second image */ 0, 0, 0, 1};

  @Test
  void spreadsMaskPatchesOverTheirCells() {
    PatchIndex index = PatchIndex.ofMasked(new byte[] {0, 1, 0, 0}, 2, 4, DropPath.none(1, 1));

    assertThat(index.wanted()).containsExactly(2, 3, 6, 7);
    assertThat(index.wantedTokens()).containsExactly(3, 4, 7, 8);
    assertThat(index.visible()).containsExactly(0, 1, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15);
  }

  @Test
  void countsOneClassTokenBeforeTheCellsOfEachImage() {
    PatchIndex index = PatchIndex.ofMasked(MASKS, 2, 2, DropPath.none(1, 2));

    assertThat(index.wanted()).containsExactly(0, 7);
    assertThat(index.wantedTokens()).containsExactly(1, 9);
    assertThat(index.attentionSource()).containsExactly(1, 9);
    assertThat(index.attentionTarget()).containsExactly(0, 1);
    assertThat(index.kept()).containsExactly(0, 1, 0, 1);
    assertThat(index.keptCounts()).containsExactly(2, 2);
  }

  @Test
  void followsTheImagesThatSkipTheLastBranches() {
    PatchIndex index = null;
    DropPath dropPath = null;
    for (int number = 0; index == null; number++) {
      dropPath = DropPath.draw(new double[] {0.5}, 2, 0, number);
      if (dropPath.kept(0).length == 1
          && dropPath.kept(0)[0] == 1
          && dropPath.kept(1).length == 0) {
        index = PatchIndex.ofMasked(MASKS, 2, 2, dropPath);
      }
    }

    assertThat(index.keptCounts()).containsExactly(1, 0);
    assertThat(index.kept()).containsExactly(1, 0, 0, 0);
    assertThat(index.attentionSource()).containsExactly(4); // the only image that is left is first
    assertThat(index.attentionTarget()).containsExactly(1);
    assertThat(index.mlpTarget()).isEmpty();
  }

  @Test
  void wantsEveryCellOfAPrediction() {
    PatchIndex index = PatchIndex.ofAll(MASKS, 2, 2, DropPath.none(1, 2));

    assertThat(index.wanted()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(index.visible()).containsExactly(1, 2, 3, 4, 5, 6);
  }
}
