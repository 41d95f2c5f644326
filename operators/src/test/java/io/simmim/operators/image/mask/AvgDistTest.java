package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.drawn.DrawnMasks;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AvgDistTest {
  @Test
  void agreesWithTryingEveryPairOfPixels() {
    Random random = new Random(1);
    for (int patch : new int[] {1, 2, 4, 8}) {
      int grid = 24 / patch;
      AvgDist distance = new AvgDist(24, patch);
      for (int i = 0; i < 5; i++) {
        byte[] mask = new byte[grid * grid];
        for (int j = 1; j < mask.length; j++) {
          mask[j] = (byte) (random.nextInt(10) < 7 + i / 2 ? 1 : 0);
        }
        mask[mask.length - 1] = 1;
        assertThat(distance.of(mask, 0)).isCloseTo(byPairs(mask, 24, patch), within(1e-9));
      }
    }
  }

  @Test
  void isTheDistanceThatOneCountsByHand() {
    // One masked pixel amid visible ones, then a column of two, then a corner of 2 x 2.
    assertThat(new AvgDist(3, 1).of(mask("000 010 000"), 0)).isEqualTo(1);
    assertThat(new AvgDist(4, 2).of(mask("10 10"), 0)).isEqualTo((2 + 1) / 2.0);
    assertThat(new AvgDist(4, 2).of(mask("10 00"), 0))
        .isCloseTo((2 + 1 + 1 + 1) / 4.0, within(1e-12));
    // All masked but one corner: distances of 3 x 3 pixels to it.
    double corner = 2 * 1 + Math.sqrt(2) + 2 * 2 + 2 * Math.sqrt(5) + Math.sqrt(8);
    assertThat(new AvgDist(3, 1).of(mask("011 111 111"), 0)).isCloseTo(corner / 8, within(1e-12));
  }

  @Test
  void aRunReportsTheMeanOfItsOwnMasks() {
    MaskConfig config = DrawnMasks.config(MaskType.BLOCK, 4, 0.5);
    AvgDist distance = new AvgDist(24, 4);
    double sum = 0;
    for (byte[] mask : DrawnMasks.draw(config.strategyFor(24), 11, 1000)) {
      sum += distance.of(mask, 0);
    }

    AvgDist.Estimate run = AvgDist.ofRun(24, config, 11);

    assertThat(run.masks()).isEqualTo(1000);
    assertThat(run.mean()).isCloseTo(sum / 1000, within(1e-9));
    assertThat(run.standardError()).isPositive();
  }

  @Test
  void ofAFixedMaskNeedsOneMask() {
    MaskConfig config = new MaskConfig(MaskType.SQUARE, 1, 1.0 / 9, SquarePlace.CENTRAL, null);

    assertThat(AvgDist.ofRun(3, config, 0)).isEqualTo(new AvgDist.Estimate(1, 0, 1));
  }

  @Test
  void largeImagesReportOnFewerMasks() {
    assertThat(AvgDist.ofRun(1024, new MaskConfig(64, 0.6), 0).masks()).isEqualTo(38);
  }

  @Test
  void refusesMasksWithoutVisibleOrMaskedPatches() {
    assertThatThrownBy(() -> new AvgDist(8, 4).of(new byte[] {1, 1, 1, 1}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("AvgDist needs masked and visible patches: 4 of 4 are masked");
  }

  private static byte[] mask(String rows) {
    String values = rows.replace(" ", "");
    byte[] mask = new byte[values.length()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (values.charAt(i) - '0');
    }
    return mask;
  }

  private static double byPairs(byte[] mask, int side, int patch) {
    int grid = side / patch;
    double sum = 0;
    int masked = 0;
    for (int at = 0; at < side * side; at++) {
      if (mask[at / side / patch * grid + at % side / patch] == 1) {
        masked++;
        sum += Math.sqrt(nearestSquared(mask, side, patch, at / side, at % side));
      }
    }
    return sum / masked;
  }

  private static int nearestSquared(byte[] mask, int side, int patch, int y, int x) {
    int best = Integer.MAX_VALUE;
    for (int v = 0; v < side; v++) {
      for (int u = 0; u < side; u++) {
        if (mask[v / patch * (side / patch) + u / patch] == 0) {
          best = Math.min(best, (v - y) * (v - y) + (u - x) * (u - x));
        }
      }
    }
    return best;
  }
}
