package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
  void refusesMasksWithoutVisibleOrMaskedPatches() {
    assertThatThrownBy(() -> new AvgDist(8, 4).of(new byte[] {1, 1, 1, 1}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("AvgDist needs masked and visible patches: 4 of 4 are masked");
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
