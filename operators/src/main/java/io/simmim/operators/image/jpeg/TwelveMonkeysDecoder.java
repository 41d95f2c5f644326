package io.simmim.operators.image.jpeg;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.RowStrip;
import java.awt.Rectangle;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Decodes the JPEGs that OpenCV refuses with TwelveMonkeys' ImageIO plugin. Takes the samples as
 * they are decoded: a {@code BufferedImage} would convert them, grey ones by a gamma. Not
 * thread-safe.
 *
 * <p>Heap: the file, the crop twice; of lossless images the whole, as numbers of four bytes. Larger
 * images than {@link DecodeMemory#HEAP_BYTES} allows are refused.
 */
public final class TwelveMonkeysDecoder {
  private static final int RGB = 3;

  private final DecodeMemory memory;
  private final JpegReaders readers;
  private final RowStrip strip = new RowStrip();

  public TwelveMonkeysDecoder(DecodeMemory memory, JpegReaders readers) {
    this.memory = memory;
    this.readers = readers;
  }

  /**
   * Decodes one image.
   *
   * @param jpeg the image; its size has been checked
   * @param crop the part whose pixels are wanted
   * @throws IOException if the file cannot be decoded; the sink has got nothing then
   */
  public void decode(JpegOutline jpeg, CropBox crop, PixelSink sink) throws IOException {
    JpegFrame frame = jpeg.frame();
    String image =
        String.format(
            Locale.ROOT,
            "a JPEG of %d x %d pixels that OpenCV refuses",
            frame.width(),
            frame.height());
    DecodeMemory.requireHeap(jpeg.neededBytes() + heapBytes(frame, crop), () -> image);
    int lease = memory.lease(jpeg.libjpegBytes(), image);
    try {
      Raster samples = read(jpeg.bytes(), frame, crop);
      // Lossless images are decoded whole, whatever region is asked for.
      boolean whole = samples.getWidth() != crop.width() || samples.getHeight() != crop.height();
      emit(samples, whole ? crop.left() : 0, whole ? crop.top() : 0, crop, sink);
    } finally {
      strip.trim();
      memory.release(lease);
    }
  }

  private static long heapBytes(JpegFrame frame, CropBox crop) {
    long pixels = (long) crop.width() * crop.height();
    int components = frame.components().size();
    long samples =
        frame.isLossless()
            ? (long) frame.width() * frame.height() * components * (Integer.BYTES + 1)
            : pixels * (components + Math.max(components, RGB));
    return samples + RowStrip.heapBytes(crop.width());
  }

  private Raster read(byte[] file, JpegFrame frame, CropBox crop) throws IOException {
    try (var input = new ByteArrayImageInputStream(file)) {
      ImageReader reader = readers.twelveMonkeys();
      try {
        reader.setInput(input, true, true);
        return read(reader, frame, crop);
      } finally {
        reader.dispose();
      }
    } catch (LinkageError e) {
      throw JpegReaders.missing(e);
    }
  }

  private static Raster read(ImageReader reader, JpegFrame frame, CropBox crop) throws IOException {
    if (reader.getWidth(0) != frame.width() || reader.getHeight(0) != frame.height()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "two frame headers disagree: %d x %d and %d x %d",
              frame.width(),
              frame.height(),
              reader.getWidth(0),
              reader.getHeight(0)));
    }
    ImageReadParam part = reader.getDefaultReadParam();
    part.setSourceRegion(new Rectangle(crop.left(), crop.top(), crop.width(), crop.height()));
    Raster samples = reader.read(0, part).getRaster();
    if (samples.getTransferType() != DataBuffer.TYPE_BYTE
        || (samples.getNumBands() != 1 && samples.getNumBands() != RGB)) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "TwelveMonkeys decodes this JPEG to %d bands (allowed: 1 or 3)",
              samples.getNumBands()));
    }
    return samples;
  }

  private void emit(Raster samples, int left, int top, CropBox crop, PixelSink sink) {
    int bands = samples.getNumBands();
    int[] row = new int[crop.width() * bands];
    strip.begin(crop.width(), bands, sink);
    for (int y = 0; y < crop.height(); y++) {
      samples.getPixels(left, top + y, crop.width(), 1, row);
      int at = strip.offset();
      for (int i = 0; i < row.length; i++) {
        strip.bytes()[at + i] = (byte) row[i];
      }
      strip.rowDone();
    }
    strip.finish();
  }

  public long heldBytes() {
    return strip.heldBytes();
  }
}
