package io.simmim.pipeline.demo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Draws the demo's images: the same JPEGs every time. */
final class DemoImages {
  static final int COUNT = 384;

  private DemoImages() {}

  /** Writes the images that are not in the folder yet; returns how many that were. */
  static int write(Path folder) throws IOException {
    Files.createDirectories(folder);
    int drawn = 0;
    for (int number = 0; number < COUNT; number++) {
      Path file = folder.resolve(String.format(Locale.ROOT, "picture-%03d.jpg", number));
      if (!Files.exists(file)) {
        Files.write(file, jpeg(new Picture(number)));
        drawn++;
      }
    }
    return drawn;
  }

  private static byte[] jpeg(Picture picture) throws IOException {
    BufferedImage image =
        new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < picture.height(); row++) {
      for (int column = 0; column < picture.width(); column++) {
        image.setRGB(column, row, picture.rgb(column, row));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(image, "jpg", bytes)) {
      throw new IOException("this Java has no JPEG writer (module java.desktop)");
    }
    return bytes.toByteArray();
  }
}
