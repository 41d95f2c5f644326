package io.simmim.operators.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.crop.CropResampler;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationAugmentationTest {
  private static final SampleDraws NONE = new SampleDraws(0, 0, 0);

  /** As torchvision computes them: the longer side down, margins of halves to even numbers. */
  @ParameterizedTest
  @CsvSource({
    "224, 500, 375, 341, 256, 58, 16",
    "224, 375, 500, 256, 341, 16, 58",
    "224, 256, 256, 256, 256, 16, 16",
    "192, 1000, 999, 219, 219, 14, 14",
    "32, 50, 33, 54, 36, 11, 2",
    "32, 7, 5, 50, 36, 9, 2",
    "1, 3, 2, 1, 1, 0, 0",
  })
  void cutsTheCentreOfTheResizedImage(
      int size, int width, int height, long toWidth, long toHeight, long left, long top) {
    ResizedCrop crop = new EvaluationAugmentation(size).crop(width, height, NONE);

    assertThat(crop.scaledWidth()).isEqualTo(toWidth);
    assertThat(crop.scaledHeight()).isEqualTo(toHeight);
    assertThat(crop.left()).isEqualTo(left);
    assertThat(crop.top()).isEqualTo(top);
    assertThat(crop.flip()).isFalse();
  }

  @Test
  void computesOnlyWhatIsShownOfAVeryLongImage() {
    ResizedCrop crop = new EvaluationAugmentation(224).crop(1, 100_000_000, NONE);

    assertThat(crop.scaledHeight()).isEqualTo(25_600_000_000L);
    assertThat(new CropResampler(224).heapBytes(crop)).isLessThan(1 << 20);
  }

  @Test
  void masksNothingAndDependsOnNoSeed() throws IOException {
    TensorChunk chunk = apply(1, 0, 0);

    assertThat(chunk.size()).isEqualTo(2);
    assertThat(chunk.masks()).hasSize(2 * 16).containsOnly(0);
    assertThat(apply(2, 3, 4).pixels()).isEqualTo(chunk.pixels());
  }

  @Test
  void refusesSamplesWithoutPixels() {
    assertThatThrownBy(() -> new EvaluationAugmentation(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the side of samples must be at least 1: 0");
  }

  private static TensorChunk apply(long seed, int epoch, long position) throws IOException {
    try (ImagePath path =
        new ImagePath(
            ImageConfig.ofSize(32), new EvaluationAugmentation(32), new NoMask(4), seed)) {
      return path.apply(
          new EncodedChunk(
              0, epoch, position, List.of(image("baseline_420.jpg"), image("tiny_7x5.jpg"))));
    }
  }

  private static EncodedImage image(String name) throws IOException {
    byte[] bytes = Goldens.jpeg(name);
    return EncodedImage.of(new ImageRef(0, "file:/" + name, 0, bytes.length), bytes);
  }
}
