package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.drawn.DrawnMasks;
import io.simmim.operators.image.mask.BlockMask.Block;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockMaskTest {
  @ParameterizedTest
  @CsvSource({"4, 10", "6, 22", "6, 35", "12, 87", "12, 143", "48, 1383"})
  void blocksHaveAtLeast16PatchesAndALimitedAspectRatio(int side, int remaining) {
    BlockMask strategy = new BlockMask(side, remaining);
    Philox random = new Philox(1, Purpose.MASK, 0, 0);
    for (int i = 0; i < 2000; i++) {
      Block block = strategy.draw(random, remaining);
      assertThat(block.height() * block.width()).isGreaterThanOrEqualTo(16);
      assertThat((double) block.height() / block.width()).isBetween(0.3, 1 / 0.3);
      assertThat(block.top()).isBetween(0, side - block.height());
      assertThat(block.left()).isBetween(0, side - block.width());
    }
  }

  @Test
  void areaIsUniformAndAspectRatioSymmetric() {
    BlockMask strategy = new BlockMask(48, 400);
    Philox random = new Philox(1, Purpose.MASK, 0, 0);
    double area = 0;
    double logAspect = 0;
    int wide = 0;
    int blocks = 20_000;
    for (int i = 0; i < blocks; i++) {
      Block block = strategy.draw(random, 400);
      area += block.height() * block.width();
      double log = Math.log((double) block.width() / block.height());
      logAspect += log;
      wide += log > 0.5 * Math.log(1 / 0.3) ? 1 : 0;
    }

    assertThat(area / blocks).isCloseTo((16 + 400) / 2.0, within(4.0));
    assertThat(logAspect / blocks).isCloseTo(0, within(0.02));
    assertThat((double) wide / blocks).isCloseTo(0.25, within(0.02));
  }

  @Test
  void masksHangTogetherMoreThanRandomOnes() {
    assertThat(visibleBorders(new BlockMask(12, 58)))
        .isLessThan(visibleBorders(new RandomMask(12, 58)) / 2);
  }

  @Test
  void everyPatchCanBeMasked() {
    int[] counts = new int[144];
    for (byte[] mask : DrawnMasks.draw(new BlockMask(12, 58), 4, 5000)) {
      for (int i = 0; i < 144; i++) {
        counts[i] += mask[i];
      }
    }

    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(50);
    // Cut blocks are no reason for the upper half to be masked more often than the lower.
    long upper = 0;
    long lower = 0;
    for (int i = 0; i < 72; i++) {
      upper += counts[i];
      lower += counts[143 - i];
    }
    assertThat((double) upper / lower).isCloseTo(1, within(0.03));
  }

  @Test
  void refusesGridsWithoutRoomForABlock() {
    assertThatThrownBy(() -> new BlockMask(3, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "mask.strategy block needs at least 4 x 4 mask patches, its smallest block: 3 x 3");
  }

  /** Mean number of borders between a masked and a visible patch. */
  private static double visibleBorders(MaskStrategy strategy) {
    int side = strategy.gridSide();
    int borders = 0;
    for (byte[] mask : DrawnMasks.draw(strategy, 0, 200)) {
      for (int i = 0; i < mask.length; i++) {
        borders += i % side > 0 && mask[i] != mask[i - 1] ? 1 : 0;
        borders += i >= side && mask[i] != mask[i - side] ? 1 : 0;
      }
    }
    return borders / 200.0;
  }
}
