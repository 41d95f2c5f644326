package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.drawn.CmykJpegs;
import io.simmim.operators.image.drawn.LosslessJpeg;
import io.simmim.operators.image.format.ImageDecoder;
import io.simmim.operators.image.format.ImageHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kinds of JPEG that go through different decoders, against what Pillow 12.3 makes of them. */
class PillowPixelsTest {
  private static final Path FILES = Path.of("src/test/resources/pillow");

  private final ImageDecoder decoder = new ImageDecoder(ImageConfig.ofSize(32));

  @AfterEach
  void close() {
    decoder.close();
  }

  @ParameterizedTest
  @CsvSource({"cmyk_progressive.jpg, d6b16621", "ycck_420.jpg, 3b114816"})
  void decodesCmykToTheLevel(String name, String checksum) throws IOException {
    assertThat(checksum(Files.readAllBytes(FILES.resolve(name)))).isEqualTo(checksum);
    assertThat(decoder.decodedByCmyk()).isEqualTo(1);
  }

  /** By Adobe's number for what the components are; without it they are CMYK. */
  @ParameterizedTest
  @CsvSource({"-1, 7eacdbcf", "0, 7eacdbcf", "1, 8a5fd8c2", "2, 8a5fd8c2"})
  void tellsCmykFromYcck(int transform, String checksum) throws IOException {
    assertThat(checksum(CmykJpegs.flat(CmykJpegs.colors(60), transform))).isEqualTo(checksum);
    assertThat(decoder.decodedByCmyk()).isEqualTo(1);
  }

  /**
   * Coefficients that no encoder makes of pixels: what libjpeg-turbo's vector code makes of them,
   * and not what exact arithmetic would.
   */
  @ParameterizedTest
  @CsvSource({"steps_times_40.jpg, 940beaf2", "steps_of_255.jpg, cd2a8d47"})
  void leavesCoefficientsOutOfRangeToLibjpeg(String name, String checksum) throws IOException {
    assertThat(checksum(Files.readAllBytes(FILES.resolve(name)))).isEqualTo(checksum);
    assertThat(decoder.decodedByBaseline()).isZero();
    assertThat(decoder.decodedByOpenCv()).isEqualTo(1);
  }

  @Test
  void readsLosslessSamplesAsTheyAre() throws IOException {
    int[] red = ramp(5);
    int[] green = ramp(11);
    int[] blue = ramp(77);
    byte[] gray = planes(LosslessJpeg.encode(new int[][] {red}, 13, 7));
    byte[] color = planes(LosslessJpeg.encode(new int[][] {red, green, blue}, 13, 7));
    for (int i = 0; i < red.length; i++) {
      assertThat(gray[i] & 255).isEqualTo(red[i]);
      assertThat(color[i] & 255).isEqualTo(red[i]);
      assertThat(color[i + red.length] & 255).isEqualTo(green[i]);
      assertThat(color[i + 2 * red.length] & 255).isEqualTo(blue[i]);
    }
    assertThat(decoder.decodedByOpenCv()).isEqualTo(2);
  }

  private static int[] ramp(int step) {
    int[] samples = new int[13 * 7];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (i * i * step + step) & 255;
    }
    return samples;
  }

  private String checksum(byte[] file) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(planes(file));
    return "%08x".formatted(checksum.getValue());
  }

  private byte[] planes(byte[] file) throws IOException {
    ImageHeader header = ImageHeaders.parse(file);
    PlanarSink sink = new PlanarSink(header.width(), header.height());
    decoder.decode(file, header, CropBox.whole(header.width(), header.height()), sink);
    return sink.planes;
  }
}
