package io.simmim.pipeline.images;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** Squares of noise in three colours, each of which is a class: a folder of PNGs. */
public final class ColoredSquares {
  private static final Map<String, Integer> COLORS =
      Map.of("blue", 0x0000FF, "green", 0x00FF00, "red", 0xFF0000);

  private ColoredSquares() {}

  /**
   * Draws them.
   *
   * @param ofEachColor number of images
   */
  public static void draw(Path folder, int ofEachColor, long seed) throws IOException {
    Random random = new Random(seed);
    for (Map.Entry<String, Integer> color : new TreeMap<>(COLORS).entrySet()) {
      Path target = Files.createDirectories(folder.resolve(color.getKey()));
      for (int i = 0; i < ofEachColor; i++) {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 1600; at++) {
          image.setRGB(at % 40, at / 40, color.getValue() | (random.nextInt(1 << 24) & 0x7F7F7F));
        }
        ImageIO.write(image, "png", target.resolve(i + ".png").toFile());
      }
    }
  }
}
