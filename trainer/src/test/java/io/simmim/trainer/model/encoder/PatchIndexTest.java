package io.simmim.trainer.model.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.model.encoder.PatchIndex.Cells;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatchIndexTest {
  private static final byte[] MASKS = {1, 0, 0, 0, /* second image */ 0, 0, 0, 1};

  @Test
  void spreadsMaskPatchesOverTheirCells() {
    PatchIndex index = ofMasked(new byte[] {0, 1, 0, 0}, 2, vit(4), DropPath.none(1, 1));

    assertThat(index.wanted()).containsExactly(2, 3, 6, 7);
    assertThat(index.wantedTokens()).containsExactly(3, 4, 7, 8);
    assertThat(index.visible()).containsExactly(0, 1, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15);
  }

  private static PatchIndex ofMasked(
      byte[] masks, int maskSide, Encoder encoder, DropPath dropPath) {
    boolean parts = encoder.gridSide() % maskSide != 0;
    return PatchIndex.of(masks, maskSide, encoder, dropPath, Cells.MASKED, Cells.MASKED, parts);
  }

  private static Encoder vit(int side) {
    return new VitEncoder(
        new EncoderConfig(
            EncoderType.VIT,
            4,
            8,
            List.of(1),
            List.of(1),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0),
        4 * side);
  }

  /** Patches of 4 pixels, cells of 8. */
  private static Encoder swin(int gridSide) {
    return new SwinEncoder(SwinEncoderTest.config(EncoderType.SWIN, 8, 2), 8 * gridSide);
  }

  @Test
  void wantsCellsOfWhichAPatchIsMaskedAndSaysWhich() {
    byte[] masks = new byte[16];
    masks[1] = 1; // row 0, column 1: the first cell's upper right patch
    masks[14] = 1; // row 3, column 2: the last cell's lower left patch

    PatchIndex index = ofMasked(masks, 4, swin(2), DropPath.none(4, 1));

    assertThat(index.wanted()).containsExactly(0, 3);
    assertThat(index.visible()).hasSize(14).doesNotContain(1, 14);
    assertThat(index.maskedParts()).containsExactly(0, 1, 0, 0, /* second */ 0, 0, 1, 0);
  }

  @Test
  void hasNoPartsWhereMasksCoverWholeCells() {
    byte[] masks = {1, 0, 0, 0};

    PatchIndex index = ofMasked(masks, 2, swin(2), DropPath.none(4, 1));

    assertThat(index.wanted()).containsExactly(0);
    assertThat(index.visible()).hasSize(12).doesNotContain(0, 1, 4, 5);
    assertThat(index.maskedParts()).isEmpty();
  }

  @Test
  void countsOneClassTokenBeforeTheCellsOfEachImage() {
    PatchIndex index = ofMasked(MASKS, 2, vit(2), DropPath.none(1, 2));

    assertThat(index.wanted()).containsExactly(0, 7);
    assertThat(index.wantedTokens()).containsExactly(1, 9);
    assertThat(index.attentionSource()).containsExactly(1, 9);
    assertThat(index.attentionTarget()).containsExactly(0, 1);
    assertThat(index.kept()).containsExactly(0, 1, 0, 1);
    assertThat(index.keptCounts()).containsExactly(2, 2);
  }

  @Test
  void wantsClassTokensOfTheImagesThatKeepABranch() {
    DropPath dropPath = null;
    for (long number = 0; dropPath == null; number++) {
      DropPath drawn = DropPath.draw(new double[] {0.5}, 3, 1, number);
      dropPath = List.of(2, 1).equals(counts(drawn)) ? drawn : null;
    }

    PatchIndex index = PatchIndex.ofClassTokens(vit(2), dropPath);

    assertThat(index.visible()).hasSize(3 * 4);
    assertThat(index.wantedTokens()).containsExactly(0, 5, 10);
    assertThat(index.attentionSource()).containsExactly(0, 5);
    assertThat(index.attentionTarget()).containsExactly(dropPath.kept(0)[0], dropPath.kept(0)[1]);
    assertThat(index.mlpTarget()).containsExactly(dropPath.kept(1)[0]);
  }

  private static List<Integer> counts(DropPath dropPath) {
    return List.of(dropPath.kept(0).length, dropPath.kept(1).length);
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
        index = ofMasked(MASKS, 2, vit(2), dropPath);
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
    PatchIndex index =
        PatchIndex.of(MASKS, 2, vit(2), DropPath.none(1, 2), Cells.ALL, Cells.MASKED, false);

    assertThat(index.wanted()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(index.visible()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(index.counted()).containsExactly(0, 7);
  }

  @Test
  void tellsPartsApartWhereMaskBordersAreNotThoseOfCells() {
    byte[] masks = new byte[16];
    masks[1] = 1; // 3 x 3 patches from row 0, column 3 on, in cells of 2 x 2

    PatchIndex index = ofMasked(masks, 4, swin(6), DropPath.none(4, 1));

    assertThat(index.wanted()).containsExactly(1, 2, 7, 8);
    assertThat(index.maskedParts())
        .containsExactly(0, 1, 0, 1, /* 2 */ 1, 1, 1, 1, /* 7 */ 0, 1, 0, 0, /* 8 */ 1, 1, 0, 0);
  }
}
