package io.simmim.operators.image.drawn;

import io.simmim.operators.image.jpeg.JpegMarkers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** Changes to good JPEGs, of the kinds that are met in collections. */
public final class JpegEdits {
  private JpegEdits() {}

  /** A progressive JPEG with the pixels of another one. */
  public static byte[] progressive(byte[] file) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      BufferedImage image = ImageIO.read(new java.io.ByteArrayInputStream(file));
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  public static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  public static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** The file with bytes behind its first marker. */
  public static byte[] inserted(byte[] file, int... values) {
    return concat(Arrays.copyOf(file, 2), bytes(values), Arrays.copyOfRange(file, 2, file.length));
  }

  /** The file without its end marker. */
  public static byte[] withoutEnd(byte[] file) {
    return Arrays.copyOf(file, file.length - 2);
  }

  /** The markers of a file, at the first one of a kind. */
  public static JpegMarkers at(byte[] file, int marker) {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.marker() == marker) {
        return markers;
      }
    }
    throw new IllegalArgumentException("no marker %02x".formatted(marker));
  }

  /** The frame header, of whatever kind. */
  public static JpegMarkers frame(byte[] file) {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.isFrameHeader()) {
        return markers;
      }
    }
    throw new IllegalArgumentException("no frame header");
  }

  /** The file without all segments of a kind. */
  public static byte[] without(byte[] file, int marker) {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    JpegMarkers markers = new JpegMarkers(file);
    int from = 0;
    while (markers.next() && markers.marker() != JpegMarkers.SOS) {
      if (markers.marker() == marker) {
        rest.write(file, from, markers.start() - 4 - from);
        from = markers.end();
      }
    }
    rest.write(file, from, file.length - from);
    return rest.toByteArray();
  }

  /** The file with another size in its frame header. */
  public static byte[] claiming(byte[] file, int width, int height) {
    byte[] claiming = file.clone();
    int at = frame(file).start();
    claiming[at + 1] = (byte) (height >> 8);
    claiming[at + 2] = (byte) height;
    claiming[at + 3] = (byte) (width >> 8);
    claiming[at + 4] = (byte) width;
    return claiming;
  }

  /** The file with its tables in a stream of their own before it. */
  public static byte[] tablesFirst(byte[] file) {
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next() && markers.marker() != JpegMarkers.SOS) {
      if (markers.marker() == JpegMarkers.DQT || markers.marker() == JpegMarkers.DHT) {
        tables.write(file, markers.start() - 4, markers.end() - markers.start() + 4);
      }
    }
    byte[] image = without(without(file, JpegMarkers.DQT), JpegMarkers.DHT);
    // Restart markers of the tables' stream are not those of the image.
    return concat(
        bytes(0xFF, 0xD8, 0xFF, 0xDD, 0, 4, 0, 1), tables.toByteArray(), bytes(0xFF, 0xD9), image);
  }
}
