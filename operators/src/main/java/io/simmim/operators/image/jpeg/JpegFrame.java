package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.UnreadableImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The frame header of a JPEG (ITU-T T.81, B.2.2): what kind it is and how its samples lie.
 *
 * @param marker of the header, which says how it is coded
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param components one for grey, three for color, four for CMYK
 */
public record JpegFrame(int marker, int width, int height, List<Component> components) {
  /**
   * One of the planes.
   *
   * @param id by which scans name it
   * @param horizontal samples of an MCU, in blocks
   * @param vertical samples of an MCU, in blocks
   * @param quantization number of its table
   */
  record Component(int id, int horizontal, int vertical, int quantization) {}

  private static final int BLOCK = 8;
  private static final int BLOCK_BYTES = BLOCK * BLOCK * Short.BYTES;
  private static final int MOST_SAMPLES = 4;

  /**
   * Reads a frame header.
   *
   * @param markers at the header
   * @throws UnreadableImageException if no decoder reads such a one
   */
  static JpegFrame parse(byte[] file, JpegMarkers markers) throws UnreadableImageException {
    int at = markers.start();
    int count = markers.length() < 6 ? 0 : file[at + 5] & 255;
    if (count != 1 && count != 3 && count != 4) {
      throw new UnreadableImageException(
          String.format(Locale.ROOT, "the JPEG has %d components (allowed: 1, 3 or 4)", count));
    }
    if (markers.length() != 6 + 3 * count) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the JPEG frame header of %d components must have %d bytes: %d",
              count,
              6 + 3 * count,
              markers.length()));
    }
    List<Component> components = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int place = at + 6 + 3 * i;
      Component component =
          new Component(
              file[place] & 255,
              (file[place + 1] & 255) >> 4,
              file[place + 1] & 15,
              file[place + 2] & 255);
      if (outside(component.horizontal) || outside(component.vertical)) {
        throw new UnreadableImageException(
            String.format(
                Locale.ROOT,
                "component %d of the JPEG has %d x %d samples (allowed: 1 to %d)",
                i,
                component.horizontal,
                component.vertical,
                MOST_SAMPLES));
      }
      components.add(component);
    }
    return new JpegFrame(
        markers.marker(),
        JpegMarkers.word(file, at + 3),
        JpegMarkers.word(file, at + 1),
        List.copyOf(components));
  }

  private static boolean outside(int samples) {
    return samples < 1 || samples > MOST_SAMPLES;
  }

  boolean isProgressive() {
    return marker == 0xC2 || marker == 0xCA;
  }

  boolean isLossless() {
    return marker == 0xC3 || marker == 0xCB;
  }

  /** Of several resolutions; nobody writes them. */
  boolean isHierarchical() {
    int kind = marker & 7;
    return kind >= 5;
  }

  public long pixels() {
    return (long) width * height;
  }

  /** Bytes of all coefficients, which decoders hold when they come in several scans. */
  long coefficientBytes() {
    long bytes = 0;
    for (Component component : components) {
      bytes +=
          (long) BLOCK_BYTES
              * blocks(width, component.horizontal, mostHorizontal())
              * blocks(height, component.vertical, mostVertical());
    }
    return bytes;
  }

  /** Blocks of a component in one direction, up to whole MCUs. */
  private static int blocks(int pixels, int samples, int mostSamples) {
    int mcu = BLOCK * mostSamples;
    return (pixels + mcu - 1) / mcu * samples;
  }

  /** Samples of one row of all components, up to whole MCUs. */
  int rowSamples() {
    int samples = 0;
    for (Component component : components) {
      samples += BLOCK * blocks(width, component.horizontal, mostHorizontal());
    }
    return samples;
  }

  private int mostHorizontal() {
    return components.stream().mapToInt(Component::horizontal).max().orElseThrow();
  }

  private int mostVertical() {
    return components.stream().mapToInt(Component::vertical).max().orElseThrow();
  }
}
