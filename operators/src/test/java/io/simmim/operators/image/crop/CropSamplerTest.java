package io.simmim.operators.image.crop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import org.junit.jupiter.api.Test;

class CropSamplerTest {
  private static final int DRAWS = 20_000;
  private final CropSampler sampler = new CropSampler(ImageConfig.ofSize(192));

  @Test
  void staysWithinTheImageAndTheRanges() {
    for (int i = 0; i < DRAWS; i++) {
      CropBox box = sample(sampler, 500, 375, i);
      assertThat(box.top()).isNotNegative();
      assertThat(box.left()).isNotNegative();
      assertThat(box.bottom()).isLessThanOrEqualTo(375);
      assertThat(box.right()).isLessThanOrEqualTo(500);
      double share = (double) box.width() * box.height() / (500 * 375);
      assertThat(share).isBetween(0.66, 1.0);
      assertThat((double) box.width() / box.height()).isBetween(0.745, 1.34);
    }
  }

  @Test
  void drawsAreaUniformlyAndRatioUniformlyInItsLogarithm() {
    // A square image with a narrow scale accepts every first try, so the draws are not selected.
    ImageConfig config = new ImageConfig(192, 0.2, 0.5, 0.75, 4.0 / 3, 0.5, 178);
    CropSampler small = new CropSampler(config);
    double area = 0;
    double logRatio = 0;
    double logRatioSquares = 0;
    for (int i = 0; i < DRAWS; i++) {
      CropBox box = sample(small, 2000, 2000, i);
      area += box.width() * (double) box.height() / 4e6 / DRAWS;
      double log = Math.log((double) box.width() / box.height());
      logRatio += log / DRAWS;
      logRatioSquares += log * log / DRAWS;
    }
    double range = Math.log(4.0 / 3);
    assertThat(area).isCloseTo(0.35, within(0.003));
    assertThat(logRatio).isCloseTo(0, within(0.005));
    assertThat(logRatioSquares).isCloseTo(range * range / 3, within(0.001));
  }

  @Test
  void drawsEveryPositionEquallyOften() {
    ImageConfig config = new ImageConfig(192, 0.25, 0.25, 1, 1, 0.5, 178);
    CropSampler half = new CropSampler(config);
    int[] tops = new int[6];
    int[] lefts = new int[6];
    for (int i = 0; i < DRAWS; i++) {
      CropBox box = sample(half, 10, 10, i);
      assertThat(box.width()).isEqualTo(5);
      tops[box.top()]++;
      lefts[box.left()]++;
    }
    for (int i = 0; i < 6; i++) {
      assertThat((double) tops[i] / DRAWS).isCloseTo(1.0 / 6, within(0.012));
      assertThat((double) lefts[i] / DRAWS).isCloseTo(1.0 / 6, within(0.012));
    }
  }

  @Test
  void fallsBackToTheCentralCropOfClampedRatio() {
    assertThat(sample(sampler, 1000, 100, 0)).isEqualTo(new CropBox(0, 433, 100, 133));
    assertThat(sample(sampler, 100, 1000, 0)).isEqualTo(new CropBox(433, 0, 133, 100));
    assertThat(sample(sampler, 1, 1, 0)).isEqualTo(new CropBox(0, 0, 1, 1));
  }

  @Test
  void isAFunctionOfTheGenerator() {
    assertThat(sample(sampler, 640, 480, 9)).isEqualTo(sample(sampler, 640, 480, 9));
    // Pins the sequence: a change would change what every resumed run trains on.
    assertThat(sample(sampler, 640, 480, 0)).isEqualTo(new CropBox(0, 94, 461, 504));
  }

  private static CropBox sample(CropSampler sampler, int width, int height, long position) {
    return sampler.sample(new Philox(3, Purpose.CROP, 0, position), width, height);
  }
}
