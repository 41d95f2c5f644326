package io.simmim.operators.image.png;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.schemas.HeapAllocation;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class PngDecoderFuzzTest {
  private static final long MOST_PIXELS = 50_000;

  /** Two rows, a strip of the crop, and the planes of this test. */
  private static final long ALLOWED_BYTES = 1 << 20;

  private static final long ALLOWED_BYTES_PER_PIXEL = 600;

  private final PngDecoder decoder = new PngDecoder(DecodeMemory.shared(1 << 20));

  static Stream<byte[]> files() {
    return PngDecoderTest.formats()
        .map(format -> format.get())
        .map(
            format ->
                new DrawnPngs(1, 11, 9, (int) format[1], (int) format[0], (boolean) format[2])
                    .file());
  }

  @MethodSource("files")
  @FuzzTest
  void isDecodedOrRefusedInOneLine(byte[] file) throws Exception {
    ImageHeader header;
    try {
      header = ImageHeaders.parse(file);
    } catch (UnreadableImageException e) {
      return;
    }
    if (header.format() == ImageFormat.PNG && header.pixels() <= MOST_PIXELS) {
      HeapAllocation.requireAtMost(
          ALLOWED_BYTES + ALLOWED_BYTES_PER_PIXEL * header.pixels(), () -> decode(file, header));
    }
  }

  private void decode(byte[] file, ImageHeader header) {
    PlanarSink sink = new PlanarSink(header.width(), header.height());
    try {
      decoder.decode(file, header, CropBox.whole(header.width(), header.height()), sink);
    } catch (UnreadableImageException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    }
  }
}
