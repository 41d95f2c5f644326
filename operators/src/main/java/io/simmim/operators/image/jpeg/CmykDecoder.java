package io.simmim.operators.image.jpeg;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.RowStrip;
import java.awt.Rectangle;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Decodes JPEGs of four components with the JDK's reader (libjpeg inside), which gives them as they
 * are, and converts them to RGB as Pillow does, bit for bit: inverted as Adobe stores them, each
 * color is black minus its share of it, divided by 255 and rounded. OpenCV divides by 256. Not
 * thread-safe.
 *
 * <p>Large crops are read in bands, and the file from its beginning for each, so that the heap
 * stays within {@link DecodeMemory#HEAP_BYTES}.
 */
public final class CmykDecoder {
  private static final int COMPONENTS = 4;
  private static final int RGB = 3;

  private final DecodeMemory memory;
  private final JpegReaders readers;
  private final RowStrip strip = new RowStrip();

  public CmykDecoder(DecodeMemory memory, JpegReaders readers) {
    this.memory = memory;
    this.readers = readers;
  }

  /** How often the file is read for a crop. */
  public static int bands(JpegOutline jpeg, CropBox crop) {
    int rows = bandRows(jpeg, crop);
    return (crop.height() + rows - 1) / rows;
  }

  private static int bandRows(JpegOutline jpeg, CropBox crop) {
    long left = DecodeMemory.HEAP_BYTES - fixedHeapBytes(jpeg, crop);
    return (int) Math.max(1, Math.min(crop.height(), left / ((long) COMPONENTS * crop.width())));
  }

  /** Heap that does not depend on the rows of a band. */
  private static long fixedHeapBytes(JpegOutline jpeg, CropBox crop) {
    return jpeg.neededBytes() + RowStrip.heapBytes(crop.width());
  }

  /**
   * Decodes one image.
   *
   * @param jpeg has four components; its size has been checked
   * @param crop the part whose pixels are wanted
   * @return false if the reader refuses the file; the sink may have got some rows then
   * @throws UnreadableImageException if decoding takes more memory than it may, or if this JVM has
   *     no such reader
   */
  public boolean decode(JpegOutline jpeg, CropBox crop, PixelSink sink)
      throws UnreadableImageException {
    JpegFrame frame = jpeg.frame();
    String image =
        String.format(Locale.ROOT, "a CMYK JPEG of %d x %d pixels", frame.width(), frame.height());
    DecodeMemory.requireHeap(
        fixedHeapBytes(jpeg, crop) + (long) COMPONENTS * crop.width(), () -> image);
    int lease = memory.lease(jpeg.libjpegBytes(), image);
    try {
      byte[] file = jpeg.bytes();
      strip.begin(crop.width(), RGB, sink);
      int rows = bandRows(jpeg, crop);
      for (int top = crop.top(); top < crop.bottom(); top += rows) {
        int height = Math.min(rows, crop.bottom() - top);
        emit(read(file, new Rectangle(crop.left(), top, crop.width(), height)), jpeg.isYcck());
      }
      strip.finish();
      return true;
    } catch (UnreadableImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Whatever the reader says, it does not read this file.
      return false;
    } finally {
      strip.trim();
      memory.release(lease);
    }
  }

  private Raster read(byte[] file, Rectangle region) throws IOException {
    try (var input = new ByteArrayImageInputStream(file)) {
      ImageReader reader = readers.jdk();
      try {
        reader.setInput(input, true, true);
        ImageReadParam part = reader.getDefaultReadParam();
        part.setSourceRegion(region);
        return reader.readRaster(0, part);
      } finally {
        reader.dispose();
      }
    } catch (LinkageError e) {
      // OpenCV would read it, but to other pixels than where the reader is.
      throw JpegReaders.missing(e);
    }
  }

  private void emit(Raster band, boolean ycck) {
    int[] row = new int[band.getWidth() * COMPONENTS];
    for (int y = 0; y < band.getHeight(); y++) {
      band.getPixels(0, y, band.getWidth(), 1, row);
      for (int x = 0; x < band.getWidth(); x++) {
        strip.put(x, pixel(row, x * COMPONENTS, ycck));
      }
      strip.rowDone();
    }
  }

  private static int pixel(int[] row, int at, boolean ycck) {
    int black = row[at + 3];
    if (!ycck) {
      return mixed(255 - row[at], 255 - row[at + 1], 255 - row[at + 2], black);
    }
    int y = row[at];
    int cb = row[at + 1] - 128;
    int cr = row[at + 2] - 128;
    return mixed(
        clamp(y + ((cr * LaneTransform.CR_TO_RED + LaneTransform.HALF) >> 16)),
        clamp(
            y
                + ((cb * LaneTransform.CB_TO_GREEN
                        + cr * LaneTransform.CR_TO_GREEN
                        + LaneTransform.HALF)
                    >> 16)),
        clamp(y + ((cb * LaneTransform.CB_TO_BLUE + LaneTransform.HALF) >> 16)),
        black);
  }

  private static int mixed(int cyan, int magenta, int yellow, int black) {
    return lessShare(black, cyan)
        | (lessShare(black, magenta) << 8)
        | (lessShare(black, yellow) << 16);
  }

  /** Pillow's cmyk2rgb: a product of levels is divided by 255 and rounded. */
  private static int lessShare(int black, int color) {
    int product = black * color + 128;
    return black - (((product >> 8) + product) >> 8);
  }

  private static int clamp(int level) {
    return Math.max(0, Math.min(255, level));
  }

  public long heldBytes() {
    return strip.heldBytes();
  }
}
