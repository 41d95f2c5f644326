package io.simmim.pipeline.report.watched;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture that a page holds itself.
 *
 * @param step that it follows
 * @param width in pixels
 * @param height in pixels
 * @param type of the file: {@code png} or {@code jpeg}
 * @param file the whole file. Not copied: treat as read-only
 */
public record ShownPicture(long step, int width, int height, String type, byte[] file) {
  /** A PNG of so many bytes goes into a page as it is. */
  private static final int SMALL_BYTES = 64 << 10;

  /** Wider ones are made smaller. */
  private static final int WIDEST = 1000;

  /** Larger ones are none of ours. */
  private static final long MOST_PIXELS = 64L << 20;

  private static final float QUALITY = 0.8f;

  /**
   * A picture small enough for a page.
   *
   * @param png the picture of a run
   * @throws IOException if it is none
   */
  static ShownPicture of(long step, byte[] png) throws IOException {
    BufferedImage image = decoded(png);
    if (png.length <= SMALL_BYTES) {
      return new ShownPicture(step, image.getWidth(), image.getHeight(), "png", png);
    }
    BufferedImage small = reduced(image, (image.getWidth() + WIDEST - 1) / WIDEST);
    return new ShownPicture(step, small.getWidth(), small.getHeight(), "jpeg", jpeg(small));
  }

  /** The picture as the address of an image in a page. */
  public String address() {
    return String.format(
        Locale.ROOT, "data:image/%s;base64,%s", type, Base64.getEncoder().encodeToString(file));
  }

  private static BufferedImage decoded(byte[] png) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("png");
    if (!readers.hasNext()) {
      throw new IOException("this Java has no PNG reader (module java.desktop)");
    }
    ImageReader reader = readers.next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > MOST_PIXELS) {
        throw new IOException(
            String.format(
                Locale.ROOT, "a picture must have at most %d pixels: %d", MOST_PIXELS, pixels));
      }
      return reader.read(0);
    } catch (RuntimeException e) {
      throw new IOException("no PNG: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }

  /** Each pixel is the mean of a square. */
  private static BufferedImage reduced(BufferedImage image, int side) {
    int width = Math.max(1, image.getWidth() / side);
    int height = Math.max(1, image.getHeight() / side);
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        small.setRGB(x, y, mean(image, x * side, y * side, side));
      }
    }
    return small;
  }

  private static int mean(BufferedImage image, int left, int top, int side) {
    int red = 0;
    int green = 0;
    int blue = 0;
    int count = 0;
    for (int y = top; y < Math.min(top + side, image.getHeight()); y++) {
      for (int x = left; x < Math.min(left + side, image.getWidth()); x++) {
        int rgb = image.getRGB(x, y);
        red += rgb >> 16 & 0xFF;
        green += rgb >> 8 & 0xFF;
        blue += rgb & 0xFF;
        count++;
      }
    }
    return ((red / count) << 16) | ((green / count) << 8) | (blue / count);
  }

  private static byte[] jpeg(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam quality = writer.getDefaultWriteParam();
      quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      quality.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), quality);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
