package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.drawn.DrawnMasks;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What all drawn strategies have in common, and what is refused. */
class MaskConfigTest {
  private static final double[] RATIOS = {
    0.01, 0.1, 0.11, 0.2, 0.25, 0.3, 0.4, 0.44, 0.5, 0.6, 0.69, 0.7, 0.8, 0.9, 0.95
  };

  static Stream<Arguments> drawn() {
    return Stream.of(MaskType.RANDOM, MaskType.SQUARE, MaskType.BLOCK)
        .flatMap(
            type ->
                Stream.of(4, 8, 16, 32, 64)
                    .filter(patch -> type != MaskType.BLOCK || patch <= 192 / 4)
                    .map(patch -> Arguments.of(type, patch)));
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void everyImageHasExactlyTheCountOfTheRatio(MaskType type, int patch) {
    int patches = 192 / patch * (192 / patch);
    for (double ratio : RATIOS) {
      MaskStrategy strategy = DrawnMasks.config(type, patch, ratio).strategyFor(192);
      for (byte[] mask : DrawnMasks.draw(strategy, 3, 20)) {
        assertThat(DrawnMasks.masked(mask))
            .as("ratio %s", ratio)
            .isEqualTo((int) Math.ceil(patches * ratio));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"192,32,0.6,22", "224,32,0.6,30", "192,4,0.1,231", "192,64,0.9,9", "32,16,0.25,1"})
  void theCountIsThatOfTheOfficialCode(int size, int patch, double ratio, int expected) {
    MaskConfig config = new MaskConfig(patch, ratio);
    int side = config.gridSide(size);

    assertThat(config.maskedPatches(side * side)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void aMaskDependsOnSeedEpochAndPositionOnly(MaskType type, int patch) {
    MaskConfig config = DrawnMasks.config(type, patch, 0.4);
    MaskStrategy used = config.strategyFor(192);
    DrawnMasks.draw(used, 8, 30);
    byte[] late = new byte[used.patches()];
    byte[] fresh = new byte[used.patches()];

    used.mask(new Philox(9, Purpose.MASK, 4, 17), late, 0);
    config.strategyFor(192).mask(new Philox(9, Purpose.MASK, 4, 17), fresh, 0);

    assertThat(late).isEqualTo(fresh);
    assertThat(DrawnMasks.draw(used, 9, 30)).isNotEqualTo(DrawnMasks.draw(used, 10, 30));
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void onlyTheImageAtTheOffsetIsTouched(MaskType type, int patch) {
    MaskStrategy strategy = DrawnMasks.config(type, patch, 0.7).strategyFor(192);
    byte[] masks = new byte[3 * strategy.patches()];

    strategy.mask(new Philox(0, Purpose.MASK, 0, 0), masks, strategy.patches());

    byte[] alone = DrawnMasks.draw(strategy, 0, 1).get(0);
    byte[] expected = new byte[masks.length];
    System.arraycopy(alone, 0, expected, alone.length, alone.length);
    assertThat(masks).isEqualTo(expected);
  }

  @Test
  void maskPatchesAreWholeModelPatches() {
    assertThatCode(() -> new MaskConfig(4, 0.5).requireFits(192, 4)).doesNotThrowAnyException();
    assertThatThrownBy(() -> new MaskConfig(8, 0.5).requireFits(192, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "mask.patch-size must be a multiple of encoder.patch-size 16, since the encoder masks"
                + " whole tokens: 8");
    assertThatThrownBy(() -> new MaskConfig(64, 0.5).requireFits(96, 16))
        .hasMessage("mask.patch-size must divide image.size 96: 64");
  }

  @Test
  void refusesRatiosThatLeaveNothing() {
    assertThatThrownBy(() -> new MaskConfig(32, 1))
        .hasMessage("mask.ratio must be above 0 and below 1: 1.0");
    assertThatThrownBy(() -> new MaskConfig(64, 0.9).requireFits(192, 16))
        .hasMessage("mask.ratio must leave at least one of 9 mask patches visible: 0.9");
    assertThatThrownBy(() -> new MaskConfig(0, 0.5))
        .hasMessage("mask.patch-size must be at least 1: 0");
  }

  @Test
  void refusesAFileThatAnotherStrategyWouldNotRead() {
    assertThatThrownBy(
            () -> new MaskConfig(MaskType.SQUARE, 32, 0.5, SquarePlace.CENTRAL, "mask.txt"))
        .hasMessage("mask.file needs mask.strategy file, not square: mask.txt");
    assertThatThrownBy(() -> DrawnMasks.config(MaskType.FILE, 32, 0.5))
        .hasMessage(
            "mask.file is missing (allowed with mask.strategy file: a text file of 0 and 1)");
  }
}
