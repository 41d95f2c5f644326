package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.DrawnJpegs;
import io.simmim.operators.image.drawn.DrawnPngs;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.HeapAllocation;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ImagePathFuzzTest {
  /** Small, so that a search does not spend its time on pixels. */
  private static final double MEGAPIXELS = 0.05;

  /** What decoders take for so many pixels, most of it TwelveMonkeys for its tables. */
  private static final long ALLOWED_BYTES = 8 << 20;

  /** The file is copied without what does not matter, and by ImageIO's streams. */
  private static final long ALLOWED_BYTES_PER_BYTE = 8;

  private static final ImagePath PATH =
      new ImagePath(
          new ImageConfig(16, 0.67, 1, 3.0 / 4, 4.0 / 3, 0.5, MEGAPIXELS),
          new MaskConfig(8, 0.5),
          0);

  static Stream<byte[]> files() throws IOException {
    return Stream.concat(
        Goldens.files().filter(file -> file.length < 30_000),
        Stream.of(
            DrawnJpegs.draw(1, 40, 30, 0.8f, BufferedImage.TYPE_INT_RGB),
            DrawnJpegs.draw(2, 24, 24, 0.5f, BufferedImage.TYPE_BYTE_GRAY),
            new DrawnPngs(1, 9, 7, 8, DrawnPngs.RGB, false).file(),
            new DrawnPngs(2, 9, 7, 4, DrawnPngs.PALETTE, true).file(),
            LosslessJpeg.encode(new int[][] {{1, 2, 3, 4, 5, 6}}, 3, 2)));
  }

  @MethodSource("files")
  @FuzzTest
  void makesAnImageOrAReasonOfAnyFile(byte[] file) throws Exception {
    HeapAllocation.requireAtMost(
        ALLOWED_BYTES + ALLOWED_BYTES_PER_BYTE * file.length, () -> apply(file));
  }

  private static void apply(byte[] file) {
    TensorChunk chunk = PATH.apply(Goldens.chunk(0, 0, file));
    assertThat(chunk.size() + chunk.rejected().size()).isEqualTo(1);
    for (RejectedImage rejected : chunk.rejected()) {
      assertThat(rejected.reason()).isNotBlank().doesNotContain("\n");
    }
  }
}
