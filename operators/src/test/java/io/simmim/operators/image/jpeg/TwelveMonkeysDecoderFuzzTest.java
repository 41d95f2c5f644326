package io.simmim.operators.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.image.Goldens;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.CmykJpegs;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.schemas.HeapAllocation;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that OpenCV would mostly decode, forced to what comes after it. */
@Timeout(60)
class TwelveMonkeysDecoderFuzzTest {
  private static final long MOST_PIXELS = 20_000;
  private static final long ALLOWED_BYTES = 8 << 20;
  private static final long ALLOWED_BYTES_PER_BYTE = 8;

  private final DecodeMemory memory = DecodeMemory.shared(32 << 20);
  private final JpegReaders readers = new JpegReaders();
  private final TwelveMonkeysDecoder twelveMonkeys = new TwelveMonkeysDecoder(memory, readers);
  private final CmykDecoder cmyk = new CmykDecoder(memory, readers);

  static Stream<byte[]> files() throws IOException {
    return Stream.of(
        Goldens.jpeg("tiny_7x5.jpg"),
        Goldens.jpeg("progressive.jpg"),
        DrawnJpegs.draw(1, 40, 30, 0.8f, BufferedImage.TYPE_INT_RGB),
        DrawnJpegs.draw(2, 24, 24, 0.5f, BufferedImage.TYPE_BYTE_GRAY),
        CmykJpegs.flat(new int[][] {{1, 2, 3, 4}, {250, 9, 100, 200}}),
        LosslessJpeg.encode(new int[][] {{1, 2, 3, 4, 5, 6}}, 3, 2),
        LosslessJpeg.encode(new int[][] {{1, 2}, {3, 4}, {5, 6}}, 2, 1));
  }

  @MethodSource("files")
  @FuzzTest
  void isDecodedOrRefused(byte[] file) throws Exception {
    JpegOutline jpeg;
    try {
      if (ImageHeaders.parse(file).format() != ImageFormat.JPEG) {
        return;
      }
      jpeg = JpegOutline.of(file);
    } catch (UnreadableImageException e) {
      return;
    }
    if (jpeg.frame().pixels() <= MOST_PIXELS && jpeg.scans() <= 20) {
      HeapAllocation.requireAtMost(
          ALLOWED_BYTES + ALLOWED_BYTES_PER_BYTE * file.length, () -> decode(jpeg));
    }
  }

  private void decode(JpegOutline jpeg) {
    CropBox whole = CropBox.whole(jpeg.frame().width(), jpeg.frame().height());
    PlanarSink sink = new PlanarSink(whole.width(), whole.height());
    try {
      if (jpeg.isCmyk()) {
        cmyk.decode(jpeg, whole, sink);
      }
      sink.restart();
      twelveMonkeys.decode(jpeg, whole, sink);
    } catch (IOException | RuntimeException e) {
      // Its exceptions are a rejection each; its errors would not be.
      assertThat(e).isNotInstanceOf(DecodeMemory.InterruptedWaitException.class);
    }
  }
}
