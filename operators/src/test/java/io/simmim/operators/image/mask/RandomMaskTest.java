package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.image.drawn.DrawnMasks;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomMaskTest {
  /** Runs of earlier builds are continued with the same masks. */
  @ParameterizedTest
  @CsvSource({
    "42, 0, 0, 32, 192, 100110 111001 111010 011110 110100 011011",
    "49, 7, 11, 32, 192, 101011 100011 110110 110100 101110 011101",
    "45, 3, 5000, 16, 96, 100011 101000 010011 111111 001111 101101"
  })
  void masksAreThoseOfEarlierBuilds(
      long seed, int epoch, long position, int patch, int size, String rows) {
    byte[] mask = new byte[36];
    new MaskConfig(patch, 0.6)
        .strategyFor(size)
        .mask(new Philox(seed, Purpose.MASK, epoch, position), mask, 0);

    assertThat(DrawnMasks.rows(mask, 6)).isEqualTo(rows);
  }

  @Test
  void largeMasksAreThoseOfEarlierBuilds() {
    CRC32 crc = new CRC32();
    MaskStrategy strategy = new MaskConfig(4, 0.5).strategyFor(192);
    for (int i = 0; i < 100; i++) {
      byte[] mask = new byte[48 * 48];
      strategy.mask(new Philox(-1, Purpose.MASK, 2, i), mask, 0);
      crc.update(mask);
    }

    assertThat(crc.getValue()).isEqualTo(0x397cf446L);
  }

  @Test
  void masksAreTheSameInThreadsThatShareAStrategy() {
    MaskStrategy shared = new MaskConfig(8, 0.6).strategyFor(192);
    MaskStrategy alone = new MaskConfig(8, 0.6).strategyFor(192);
    int draws = 50_000;
    List<byte[]> masks =
        IntStream.range(0, draws).parallel().mapToObj(i -> maskOf(shared, i)).toList();

    for (int i = 0; i < draws; i++) {
      assertThat(masks.get(i)).as("image %d", i).isEqualTo(maskOf(alone, i));
    }
  }

  private static byte[] maskOf(MaskStrategy strategy, int image) {
    byte[] mask = new byte[strategy.patches()];
    strategy.mask(new Philox(5, Purpose.MASK, 1, image), mask, 0);
    return mask;
  }

  @Test
  void masksEveryPatchEquallyOften() {
    MaskStrategy strategy = new RandomMask(6, 22);
    int[] counts = new int[36];
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      byte[] mask = new byte[36];
      strategy.mask(new Philox(5, Purpose.MASK, 1, i), mask, 0);
      for (int k = 0; k < 36; k++) {
        counts[k] += mask[k];
      }
    }
    for (int count : counts) {
      assertThat((double) count / draws).isCloseTo(22.0 / 36, within(0.015));
    }
  }
}
