package io.simmim.trainer.mixing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.Normalization;
import org.junit.jupiter.api.Test;

class PixelNormalizerTest {
  private final PixelNormalizer normalizer = new PixelNormalizer(Normalization.IMAGENET);

  /** As torchvision's ToTensor and Normalize compute them in float32. */
  @Test
  void normalisesEachChannelByItself() {
    float[] into = {7, 0, 0, 0, 0, 0, 0};

    normalizer.normalize(new byte[] {0, 0, 0, (byte) 255, (byte) 128, 124}, 1, into, 1);

    assertThat(into)
        .containsExactly(
            7f, -2.117904f, -2.0357141f, -1.8044444f, 2.2489083f, 0.2051822f, 0.35677567f);
  }

  @Test
  void refusesPartsOfImagesAndTooLittleRoom() {
    assertThatThrownBy(() -> normalizer.normalize(new byte[13], 2, new float[13], 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> normalizer.normalize(new byte[12], 2, new float[12], 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "pixels must hold images of 3 x 2 x 2 bytes, with room for as many floats: 12 bytes,"
                + " 11");
  }
}
