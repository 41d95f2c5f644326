package io.simmim.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoImagesTest {
  @TempDir private Path folder;

  @Test
  void drawsTheSameReadableImagesEveryTime() throws IOException {
    DemoImages.write(folder.resolve("a"));
    DemoImages.write(folder.resolve("b"));

    List<EncodedImage> images = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve("a"))) {
      for (Path file : files.sorted().toList()) {
        assertThat(file).hasSameBinaryContentAs(folder.resolve("b").resolve(file.getFileName()));
        ImageRef ref = new ImageRef(images.size(), file.toString(), 0, (int) Files.size(file));
        images.add(EncodedImage.of(ref, Files.readAllBytes(file)));
      }
    }
    assertThat(images).hasSize(DemoImages.COUNT);
    try (ImagePath path = new ImagePath(ImageConfig.ofSize(32), new MaskConfig(16, 0.5), 0)) {
      TensorChunk chunk = path.apply(new EncodedChunk(0, 0, 0, images));
      assertThat(chunk.rejected()).isEmpty();
      assertThat(chunk.size()).isEqualTo(DemoImages.COUNT);
    }
  }
}
