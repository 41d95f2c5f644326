package io.simmim.trainer.mixing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Sequences are fixed, so bounds on what is random never flicker. */
class RandomErasingTest {
  private static final int SIZE = 32;
  private static final int AREA = SIZE * SIZE;
  private static final float UNTOUCHED = 100;

  @Test
  void fillsARectangleOfAllChannelsWithNormalNoise() {
    RandomErasing erasing = RandomErasing.withProbability(1);
    double sum = 0;
    double squares = 0;
    long count = 0;
    double smallest = 1;
    double largest = 0;
    for (int image = 0; image < 2000; image++) {
      float[] pixels = erased(erasing, image, 0);
      int[] box = box(pixels);
      int height = box[1] - box[0] + 1;
      int width = box[3] - box[2] + 1;
      smallest = Math.min(smallest, (double) height * width / AREA);
      largest = Math.max(largest, (double) height * width / AREA);
      assertThat((double) height / width).isBetween(0.3 / 1.35, 1.35 / 0.3);
      int touched = 0;
      for (float pixel : pixels) {
        if (pixel != UNTOUCHED) {
          touched++;
          sum += pixel;
          squares += (double) pixel * pixel;
        }
      }
      assertThat(touched).isEqualTo(3 * height * width);
      count += touched;
    }
    assertThat(sum / count).isCloseTo(0, within(0.005));
    assertThat(squares / count).isCloseTo(1, within(0.005));
    assertThat(smallest).isBetween(0.015, 0.025);
    assertThat(largest).isBetween(0.32, 0.36);
    assertThat((double) count / 3 / AREA / 2000).isCloseTo((0.02 + 1.0 / 3) / 2, within(0.01));
  }

  @Test
  void erasesWithTheProbability() {
    RandomErasing erasing = RandomErasing.withProbability(0.25);
    int erased = 0;
    for (int image = 0; image < 4000; image++) {
      erased += box(erased(erasing, image, 0))[1] >= 0 ? 1 : 0;
    }
    assertThat(erased / 4000.0).isCloseTo(0.25, within(0.02));
    assertThat(box(erased(RandomErasing.withProbability(0), 0, 0))[1]).isEqualTo(-1);
  }

  @Test
  void erasesAnImageAlikeWhereverItLies() {
    RandomErasing erasing = RandomErasing.withProbability(1);
    float[] alone = erased(erasing, 17, 0);
    float[] batch = erased(erasing, 17, 3 * AREA);

    assertThat(Arrays.copyOfRange(batch, 3 * AREA, batch.length)).isEqualTo(alone);
    assertThat(Arrays.copyOf(batch, 3 * AREA)).containsOnly(UNTOUCHED);
  }

  @Test
  void refusesSharesAndChancesThatCannotBe() {
    assertThatThrownBy(() -> RandomErasing.withProbability(1.5))
        .hasMessage("finetune.erase-probability must be 0 to 1: 1.5");
    assertThatThrownBy(() -> new RandomErasing(1, 0.5, 0.4, 0.3))
        .hasMessage(
            "the share of an image that is erased must be a range between 0 and 1: 0.5 to 0.4");
    assertThatThrownBy(() -> new RandomErasing(1, 0.1, 0.4, 0))
        .hasMessage("the smallest ratio of what is erased must be above 0 and at most 1: 0.0");
  }

  private static float[] erased(RandomErasing erasing, int image, int offset) {
    float[] pixels = new float[offset + 3 * AREA];
    Arrays.fill(pixels, UNTOUCHED);
    erasing.erase(pixels, offset, SIZE, new Philox(2, Purpose.ERASING, 1, image));
    return pixels;
  }

  /** First and last row, first and last column of the first channel; last row -1 if none. */
  private static int[] box(float[] pixels) {
    int[] box = {SIZE, -1, SIZE, -1};
    for (int i = 0; i < AREA; i++) {
      if (pixels[i] != UNTOUCHED) {
        box[0] = Math.min(box[0], i / SIZE);
        box[1] = Math.max(box[1], i / SIZE);
        box[2] = Math.min(box[2], i % SIZE);
        box[3] = Math.max(box[3], i % SIZE);
      }
    }
    return box;
  }
}
