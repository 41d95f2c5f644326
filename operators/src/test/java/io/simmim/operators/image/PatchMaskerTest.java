package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.Philox;
import io.simmim.schemas.Philox.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchMaskerTest {
  @ParameterizedTest
  @CsvSource({"192,32,0.6,22", "224,32,0.6,30", "192,4,0.1,231", "192,64,0.9,9", "32,16,0.25,1"})
  void masksExactlyTheCountOfTheOfficialCode(int size, int patch, double ratio, int expected) {
    MaskConfig config = new MaskConfig(patch, ratio);
    PatchMasker masker = new PatchMasker(config, config.gridSide(size));
    for (int i = 0; i < 50; i++) {
      byte[] masks = new byte[3 * masker.patches()];
      masker.mask(new Philox(0, Purpose.MASK, 0, i), masks, masker.patches());
      int count = 0;
      for (int k = 0; k < masks.length; k++) {
        count += masks[k];
        assertThat(masks[k] == 0 || k / masker.patches() == 1).isTrue();
      }
      assertThat(count).isEqualTo(expected);
    }
  }

  @Test
  void masksEveryPatchEquallyOften() {
    PatchMasker masker = new PatchMasker(new MaskConfig(32, 0.6), 6);
    int[] counts = new int[36];
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      byte[] mask = new byte[36];
      masker.mask(new Philox(5, Purpose.MASK, 1, i), mask, 0);
      for (int k = 0; k < 36; k++) {
        counts[k] += mask[k];
      }
    }
    for (int count : counts) {
      assertThat((double) count / draws).isCloseTo(22.0 / 36, within(0.015));
    }
  }

  @Test
  void refusesRatiosThatLeaveNothing() {
    assertThatThrownBy(() -> new MaskConfig(32, 1))
        .hasMessage("mask-ratio must be above 0 and below 1: 1.0");
    assertThatThrownBy(() -> new MaskConfig(0, 0.5))
        .hasMessage("mask-patch-size must be at least 1: 0");
  }
}
