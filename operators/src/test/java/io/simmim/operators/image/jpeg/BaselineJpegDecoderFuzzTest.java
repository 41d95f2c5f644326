package io.simmim.operators.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.schemas.HeapAllocation;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class BaselineJpegDecoderFuzzTest {
  private static final long MOST_PIXELS = 50_000;

  /**
   * Columns of a strip, of which there are as many as the image is wide, and this test's planes.
   */
  private static final long ALLOWED_BYTES = 1 << 20;

  private static final long ALLOWED_BYTES_PER_COLUMN = 3 * 4 * 600;
  private static final long ALLOWED_BYTES_PER_PIXEL = 8;

  private final BaselineJpegDecoder decoder = new BaselineJpegDecoder();

  static Stream<byte[]> files() throws IOException {
    return Stream.of(
        Goldens.jpeg("restart_markers.jpg"),
        Goldens.jpeg("baseline_420.jpg"),
        Goldens.jpeg("tiny_7x5.jpg"),
        DrawnJpegs.draw(1, 40, 30, 0.8f, BufferedImage.TYPE_INT_RGB),
        DrawnJpegs.draw(2, 24, 24, 0.5f, BufferedImage.TYPE_BYTE_GRAY));
  }

  @MethodSource("files")
  @FuzzTest
  void decodesTheSameTwiceOrLeavesIt(byte[] file) throws Exception {
    ImageHeader header;
    try {
      header = ImageHeaders.parse(file);
    } catch (UnreadableImageException e) {
      return;
    }
    decoder.isWhole(file);
    if (header.pixels() <= MOST_PIXELS) {
      long allowed =
          ALLOWED_BYTES
              + ALLOWED_BYTES_PER_COLUMN * header.width()
              + ALLOWED_BYTES_PER_PIXEL * header.pixels();
      HeapAllocation.requireAtMost(allowed, () -> decode(file, header));
    }
  }

  private void decode(byte[] file, ImageHeader header) {
    PlanarSink first = new PlanarSink(header.width(), header.height());
    PlanarSink second = new PlanarSink(header.width(), header.height());
    CropBox whole = CropBox.whole(header.width(), header.height());
    boolean done = decoder.decode(file, header, whole, first);
    assertThat(decoder.decode(file, header, whole, second)).isEqualTo(done);
    assertThat(done && !Arrays.equals(first.planes, second.planes)).isFalse();
  }
}
