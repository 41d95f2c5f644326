package io.simmim.pipeline.images;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Draws small JPEGs of many sizes: the same number is always the same picture. */
public final class Photographs {
  private Photographs() {}

  /**
   * Draws JPEGs into two folders below the given one, with differently written extensions.
   *
   * @param folder created when missing
   * @param count how many
   */
  public static void draw(Path folder, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Path subfolder = Files.createDirectories(folder.resolve(i % 2 == 0 ? "even" : "odd"));
      String extension = i % 3 == 0 ? "JPG" : i % 3 == 1 ? "jpeg" : "jpg";
      Path file = subfolder.resolve("%03d.%s".formatted(i, extension));
      if (!ImageIO.write(picture(i), "jpg", file.toFile())) {
        throw new IOException("no JPEG writer for " + file);
      }
    }
  }

  private static BufferedImage picture(int number) {
    SplittableRandom random = new SplittableRandom(number);
    int width = random.nextInt(40, 100);
    int height = random.nextInt(40, 100);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setPaint(new GradientPaint(0, 0, color(random), width, height, color(random)));
    graphics.fillRect(0, 0, width, height);
    for (int i = 0; i < 6; i++) {
      graphics.setColor(color(random));
      int x = random.nextInt(width);
      int y = random.nextInt(height);
      graphics.fillOval(x - 10, y - 10, random.nextInt(5, width), random.nextInt(5, height));
    }
    graphics.dispose();
    return image;
  }

  private static Color color(SplittableRandom random) {
    return new Color(random.nextInt(1 << 24));
  }
}
