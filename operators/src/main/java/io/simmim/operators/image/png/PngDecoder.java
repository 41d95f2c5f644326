package io.simmim.operators.image.png;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.RowStrip;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;

/**
 * Decodes PNG in Java: a damaged file can cost its own rejection and nothing else. (libpng in
 * OpenCV believed lengths that the file did not have, and its code for animations wrote beyond its
 * buffers.) Such files are rare among JPEGs, so that the speed does not matter.
 *
 * <p>Equal to Pillow's {@code convert("RGB")}, see {@link PngFormat}; like Pillow it reads a file
 * whose end is lost if all rows are there, takes the data's own checksum and not those of the
 * chunks around it, and shows the still image of an animation.
 *
 * <p>Heap: two rows of the image and a strip of the crop, within {@link DecodeMemory#HEAP_BYTES}.
 * Crops of interlaced images are put together in native memory, 3 bytes per pixel, in one buffer of
 * at most 2 GiB. Not thread-safe.
 */
public final class PngDecoder {
  private static final int COLORS = 256;
  private static final int RGB = 3;
  private static final int FRAME_BYTES = 26;

  /** By pass of Adam7: first column, first row, distance of columns, of rows. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private final DecodeMemory memory;
  private final RowStrip strip = new RowStrip();
  private final int[] palette = new int[COLORS];

  public PngDecoder(DecodeMemory memory) {
    this.memory = memory;
  }

  /**
   * Decodes one image.
   *
   * @param header of {@code file}; its size has been checked
   * @param crop the part whose pixels are wanted
   * @throws UnreadableImageException if the file is damaged, or if decoding takes more memory than
   *     it may; the sink may have got some rows then
   */
  public void decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink)
      throws UnreadableImageException {
    PngChunks chunks = new PngChunks(file);
    chunks.next();
    PngFormat format = PngFormat.parse(file, chunks);
    long rows = 2 * (format.rowBytes(header.width()) + format.filterDistance() + 1);
    DecodeMemory.requireHeap(
        rows + RowStrip.heapBytes(crop.width()),
        () ->
            String.format(Locale.ROOT, "a PNG of %d x %d pixels", header.width(), header.height()));
    findData(file, chunks, header);
    try (PngRows data = new PngRows(file, chunks, format)) {
      if (format.interlaced()) {
        decodeInterlaced(data, format, crop, sink);
      } else {
        decodeRows(data, format, crop, sink);
      }
      data.finish();
    } finally {
      strip.trim();
    }
  }

  /** Goes to the first chunk of data, and reads the palette on the way. */
  private void findData(byte[] file, PngChunks chunks, ImageHeader header)
      throws UnreadableImageException {
    Arrays.fill(palette, 0);
    while (chunks.next()) {
      if (chunks.type() == PngChunks.IDAT) {
        return;
      }
      chunks.requireWhole();
      if (chunks.type() == PngChunks.PLTE) {
        readPalette(file, chunks);
      } else if (chunks.type() == PngChunks.FCTL) {
        checkFrame(file, chunks, header);
      } else if (chunks.type() == PngChunks.IHDR || chunks.type() == PngChunks.IEND) {
        throw new UnreadableImageException(
            String.format(Locale.ROOT, "damaged: the PNG has %s before its data", chunks.name()));
      }
    }
    throw new UnreadableImageException(chunks.ending());
  }

  private void readPalette(byte[] file, PngChunks chunks) throws UnreadableImageException {
    chunks.requireIntact();
    int colors = chunks.length() / RGB;
    if (colors > COLORS) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT, "the PNG's palette has %d colors (allowed: %d)", colors, COLORS));
    }
    // Colors beyond a palette's end are black, as in Pillow.
    Arrays.fill(palette, 0);
    for (int i = 0; i < colors; i++) {
      int at = chunks.start() + i * RGB;
      palette[i] = (file[at] & 255) | ((file[at + 1] & 255) << 8) | ((file[at + 2] & 255) << 16);
    }
  }

  /** The still image, where it is a frame of the animation, has the size of the whole. */
  private static void checkFrame(byte[] file, PngChunks chunks, ImageHeader header)
      throws UnreadableImageException {
    int at = chunks.start();
    if (chunks.length() != FRAME_BYTES
        || PngChunks.integer(file, at + 4) != header.width()
        || PngChunks.integer(file, at + 8) != header.height()
        || PngChunks.integer(file, at + 12) != 0
        || PngChunks.integer(file, at + 16) != 0) {
      throw new UnreadableImageException(
          "damaged: the first frame of the animated PNG is not the image of its header");
    }
  }

  private void decodeRows(PngRows data, PngFormat format, CropBox crop, PixelSink sink)
      throws UnreadableImageException {
    strip.begin(crop.width(), RGB, sink);
    data.beginPass(format.width());
    // All rows are read: whether a file is whole must not depend on the crop.
    for (int y = 0; y < format.height(); y++) {
      data.next();
      if (y >= crop.top() && y < crop.bottom()) {
        for (int x = 0; x < crop.width(); x++) {
          strip.put(x, format.pixel(data.row(), data.first(), crop.left() + x, palette));
        }
        strip.rowDone();
      }
    }
    strip.finish();
  }

  private void decodeInterlaced(PngRows data, PngFormat format, CropBox crop, PixelSink sink)
      throws UnreadableImageException {
    long bytes = (long) crop.width() * crop.height() * RGB;
    String image =
        String.format(
            Locale.ROOT, "an interlaced PNG of %d x %d pixels", format.width(), format.height());
    if (bytes > Integer.MAX_VALUE) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "decoding %s takes %d MB in one piece (allowed: %d)",
              image,
              bytes / 1_000_000,
              Integer.MAX_VALUE / 1_000_000));
    }
    int lease = memory.lease(bytes, image);
    try (BytePointer buffer = new BytePointer(bytes)) {
      ByteBuffer pixels = buffer.asByteBuffer();
      for (int[] pass : PASSES) {
        decodePass(data, format, pass, crop, pixels);
      }
      strip.begin(crop.width(), RGB, sink);
      for (int y = 0; y < crop.height(); y++) {
        pixels.get(y * strip.rowBytes(), strip.bytes(), strip.offset(), strip.rowBytes());
        strip.rowDone();
      }
      strip.finish();
    } finally {
      memory.release(lease);
    }
  }

  private void decodePass(
      PngRows data, PngFormat format, int[] pass, CropBox crop, ByteBuffer pixels)
      throws UnreadableImageException {
    if (format.width() <= pass[0]) {
      return;
    }
    data.beginPass((format.width() - pass[0] + pass[2] - 1) / pass[2]);
    for (int y = pass[1]; y < format.height(); y += pass[3]) {
      data.next();
      if (y < crop.top() || y >= crop.bottom()) {
        continue;
      }
      int row = (y - crop.top()) * crop.width() * RGB;
      for (int x = pass[0], i = 0; x < crop.right(); x += pass[2], i++) {
        if (x >= crop.left()) {
          put(
              pixels,
              row + (x - crop.left()) * RGB,
              format.pixel(data.row(), data.first(), i, palette));
        }
      }
    }
  }

  private static void put(ByteBuffer pixels, int at, int pixel) {
    pixels.put(at, (byte) pixel);
    pixels.put(at + 1, (byte) (pixel >> 8));
    pixels.put(at + 2, (byte) (pixel >> 16));
  }

  public long heldBytes() {
    return strip.heldBytes();
  }
}
