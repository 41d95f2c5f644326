package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.bytes.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that goes on in a newer build must see the pixels that it would have seen. */
class PretrainingPixelsTest {
  private static final List<String> FILES =
      List.of(
          "baseline_420.jpg",
          "baseline_422.jpg",
          "baseline_444.jpg",
          "grayscale.jpg",
          "large_2000x1500.jpg",
          "restart_markers.jpg",
          "tiny_7x5.jpg",
          "wide_640x64.jpg");

  @ParameterizedTest
  @CsvSource({"32, bfd623c6d9fe19ed", "192, f1943bcc586a4fb0", "224, f7b9d57566dc32bf"})
  void keepsThePixelsOfEverySeedAndEpoch(int size, String digest) throws IOException {
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    for (int epoch = 0; epoch < 3; epoch++) {
      try (ImagePath path =
          new ImagePath(ImageConfig.ofSize(size), new MaskConfig(size / 4, 0.6), 3 + epoch)) {
        byte[][] files = new byte[FILES.size()][];
        for (int i = 0; i < files.length; i++) {
          files[i] = Goldens.jpeg(FILES.get(i));
        }
        TensorChunk chunk = path.apply(Goldens.chunk(epoch, 5L << 33, files));
        seen.write(chunk.pixels());
        seen.write(chunk.masks());
      }
    }

    assertThat(Sha256.hex(seen.toByteArray())).startsWith(digest);
  }
}
