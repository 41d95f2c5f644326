package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.drawn.JpegEdits;
import io.simmim.operators.image.mask.MaskConfig;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a path holds after a rare huge image is what it held before, or little. */
class KeptMemoryTest {
  /** Crops of any shape: so a file of little work has a crop of many rows or columns. */
  private final ImagePath path =
      new ImagePath(new ImageConfig(128, 0.9, 1, 0.001, 1000, 0, 178), new MaskConfig(32, 0.5), 0);

  @AfterEach
  void close() {
    path.close();
  }

  @Test
  void givesBackTheRowsOfATallImage() {
    byte[] file = DrawnJpegs.draw(1, 60, 60_000, 0.3f, BufferedImage.TYPE_BYTE_GRAY);
    // 54,000 rows of 128 numbers and more.
    assertThat(heldAfter(file)).isLessThan(1 << 20);
  }

  @Test
  void givesBackTheColumnsOfAWideImage() {
    byte[] file = DrawnJpegs.draw(1, 60_000, 60, 0.3f, BufferedImage.TYPE_INT_RGB);
    // 54,000 columns of 146 numbers and more, and as many of chroma.
    assertThat(heldAfter(file)).isLessThan(3 << 20);
  }

  @Test
  void givesBackWhatOpenCvGot() {
    byte[] drawn = DrawnJpegs.draw(1, 2500, 2400, 0.3f, BufferedImage.TYPE_INT_RGB);
    // 18 MB of pixels.
    assertThat(heldAfter(JpegEdits.progressive(drawn))).isLessThan(12 << 20);
  }

  @Test
  void givesBackTheStripOfAWidePng() {
    byte[] file = new DrawnPngs(1, 60_000, 60, 1, DrawnPngs.GRAY, false).file();
    // 54,000 columns of 64 numbers and of 192 bytes.
    assertThat(heldAfter(file)).isLessThan(1 << 20);
  }

  @Test
  void keepsWhatUsualImagesNeed() {
    byte[] file = DrawnJpegs.draw(1, 640, 480, 0.5f, BufferedImage.TYPE_INT_RGB);
    long held = heldAfter(file);
    assertThat(held).isGreaterThan(640 * 480);
    assertThat(heldAfter(file)).isEqualTo(held);
  }

  private long heldAfter(byte[] file) {
    assertThat(path.apply(Goldens.chunk(0, 0, file)).size()).isEqualTo(1);
    return path.heldBytes();
  }
}
