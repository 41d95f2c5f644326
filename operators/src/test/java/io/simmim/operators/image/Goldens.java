package io.simmim.operators.image;

import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The recorded JPEGs of the tests. */
public final class Goldens {
  public static final Path DIRECTORY = Path.of("src/test/resources/goldens");

  private Goldens() {}

  public static byte[] jpeg(String name) throws IOException {
    return Files.readAllBytes(DIRECTORY.resolve("jpeg").resolve(name));
  }

  static byte[] bad(String name) throws IOException {
    return Files.readAllBytes(DIRECTORY.resolve("jpeg_bad").resolve(name));
  }

  /** All of them, good and bad. */
  public static Stream<byte[]> files() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String folder : List.of("jpeg", "jpeg_bad")) {
      try (Stream<Path> paths = Files.list(DIRECTORY.resolve(folder))) {
        for (Path path : paths.sorted().toList()) {
          files.add(Files.readAllBytes(path));
        }
      }
    }
    return files.stream();
  }

  static EncodedImage image(long sampleId, byte[] bytes) {
    return EncodedImage.of(
        new ImageRef(sampleId, "file:/images/" + sampleId + ".jpg", 0, bytes.length), bytes);
  }

  static EncodedChunk chunk(int epoch, long firstPosition, byte[]... files) {
    List<EncodedImage> images = new ArrayList<>();
    for (byte[] file : files) {
      images.add(image(100 + images.size(), file));
    }
    return new EncodedChunk(7, epoch, firstPosition, images);
  }
}
