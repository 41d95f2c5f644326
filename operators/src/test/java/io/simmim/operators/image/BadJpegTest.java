package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadJpegTest {
  private final ImagePath path = new ImagePath(ImageConfig.ofSize(32), new MaskConfig(8, 0.6), 0);

  @AfterEach
  void close() {
    path.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          empty.jpg | the file is empty
          not_a_jpeg.jpg | neither JPEG nor PNG: the file begins with 3c 68 74 6d
          truncated_header.jpg | truncated: the file ends inside the JPEG header, after 40 bytes
          truncated_half.jpg | truncated: the file ends inside the scan, after 9755 bytes
          bomb_65535x65535.jpg | the JPEG header claims 65535 x 65535 pixels; max-megapixels allows 178.0 million
          """)
  void rejectsWithReason(String name, String reason) throws IOException {
    TensorChunk chunk = path.apply(Goldens.chunk(0, 0, Goldens.bad(name)));

    assertThat(chunk.size()).isZero();
    assertThat(chunk.rejected()).singleElement().matches(r -> r.reason().equals(reason));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png_named.jpg", "corrupt_scan.jpg"})
  void readsWhatPilReads(String name) throws IOException {
    assertThat(path.apply(Goldens.chunk(0, 0, Goldens.bad(name))).size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"baseline_420.jpg", "restart_markers.jpg", "progressive.jpg", "cmyk.jpg"})
  void survivesTruncationAtAnyPoint(String name) throws IOException {
    byte[] file = Goldens.jpeg(name);
    for (int length = 0; length < file.length - 2; length += 1 + length / 20) {
      byte[] cut = java.util.Arrays.copyOf(file, length);
      assertThat(path.apply(Goldens.chunk(0, 0, cut)).rejected()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"baseline_420.jpg", "baseline_444.jpg", "grayscale.jpg", "restart_markers.jpg"})
  void survivesFlippedBits(String name) throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      byte[] file = Goldens.jpeg(name);
      // Up to five bits, half of the time within the header.
      int bits = 1 + random.nextInt(5);
      int range = random.nextBoolean() ? file.length : 700;
      for (int bit = 0; bit < bits; bit++) {
        file[2 + random.nextInt(range - 2)] ^= (byte) (1 << random.nextInt(8));
      }
      TensorChunk chunk = path.apply(Goldens.chunk(0, i, file));
      assertThat(chunk.size() + chunk.rejected().size()).isEqualTo(1);
      chunk.rejected().forEach(r -> assertThat(r.reason()).doesNotContain("\n").isNotBlank());
    }
  }

  @Test
  void readsOnAfterDamage() throws IOException {
    byte[] good = Goldens.jpeg("baseline_420.jpg");
    byte[] before = path.apply(Goldens.chunk(0, 0, good)).pixels();
    path.apply(Goldens.chunk(0, 0, Goldens.bad("corrupt_scan.jpg")));
    path.apply(Goldens.chunk(0, 0, Goldens.bad("truncated_half.jpg")));

    assertThat(path.apply(Goldens.chunk(0, 0, good)).pixels()).isEqualTo(before);
  }
}
