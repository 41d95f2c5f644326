package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.drawn.DrawnMasks;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SquareMaskTest {
  @ParameterizedTest
  @CsvSource({"0.11, 2", "0.25, 3", "0.44, 4", "0.69, 5"})
  void theRatiosOfThePaperGiveWholeSquares(double ratio, int side) {
    MaskStrategy strategy = DrawnMasks.config(MaskType.SQUARE, 32, ratio).strategyFor(192);
    for (byte[] mask : DrawnMasks.draw(strategy, 1, 50)) {
      assertThat(DrawnMasks.masked(mask)).isEqualTo(side * side);
      assertThat(extent(mask, 6)).isEqualTo(new Extent(side, side));
    }
  }

  @Test
  void theRegionIsConnectedAndAtMostOnePatchFromASquare() {
    for (int masked = 1; masked < 144; masked++) {
      for (byte[] mask : DrawnMasks.draw(new SquareMask(12, masked, SquarePlace.RANDOM), 2, 5)) {
        assertThat(DrawnMasks.masked(mask)).isEqualTo(masked);
        assertThat(connected(mask, 12)).as("%d connected", masked).isEqualTo(masked);
        int side = (int) Math.sqrt(masked);
        Extent extent = extent(mask, 12);
        assertThat(extent.height).isBetween(side, side + 1);
        assertThat(extent.width).isBetween(side, side + 1);
      }
    }
  }

  @Test
  void aCentralRegionIsInTheMiddleOfEveryImage() {
    List<byte[]> masks = DrawnMasks.draw(new SquareMask(6, 16, SquarePlace.CENTRAL), 0, 3);

    assertThat(masks)
        .allSatisfy(
            mask ->
                assertThat(DrawnMasks.rows(mask, 6))
                    .isEqualTo("000000 011110 011110 011110 011110 000000"));
  }

  @Test
  void whatIsLeftOverASquareExtendsIt() {
    byte[] mask = DrawnMasks.draw(new SquareMask(6, 13, SquarePlace.CENTRAL), 0, 1).get(0);

    assertThat(DrawnMasks.rows(mask, 6)).isEqualTo("000000 011110 011110 011110 000010 000000");
  }

  @Test
  void aRandomRegionGoesEverywhereThatItFits() {
    Set<String> places = new HashSet<>();
    for (byte[] mask : DrawnMasks.draw(new SquareMask(6, 16, SquarePlace.RANDOM), 0, 300)) {
      places.add(DrawnMasks.rows(mask, 6));
    }

    assertThat(places).hasSize(9);
  }

  private record Extent(int height, int width) {}

  private static Extent extent(byte[] mask, int side) {
    int top = side;
    int left = side;
    int bottom = -1;
    int right = -1;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] == 1) {
        top = Math.min(top, i / side);
        bottom = Math.max(bottom, i / side);
        left = Math.min(left, i % side);
        right = Math.max(right, i % side);
      }
    }
    return new Extent(bottom - top + 1, right - left + 1);
  }

  /** Masked patches that can be reached from the first one. */
  private static int connected(byte[] mask, int side) {
    byte[] open = mask.clone();
    ArrayDeque<Integer> next = new ArrayDeque<>();
    int first = 0;
    while (open[first] == 0) {
      first++;
    }
    next.add(first);
    open[first] = 0;
    int count = 0;
    while (!next.isEmpty()) {
      int at = next.remove();
      count++;
      for (int step : new int[] {-1, 1, -side, side}) {
        int to = at + step;
        boolean sameRowOrColumn = Math.abs(step) == side || to / side == at / side;
        if (to >= 0 && to < open.length && sameRowOrColumn && open[to] == 1) {
          open[to] = 0;
          next.add(to);
        }
      }
    }
    return count;
  }
}
