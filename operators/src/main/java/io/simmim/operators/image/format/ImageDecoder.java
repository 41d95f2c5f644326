package io.simmim.operators.image.format;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.jpeg.BaselineJpegDecoder;
import io.simmim.operators.image.jpeg.CmykDecoder;
import io.simmim.operators.image.jpeg.JpegMarkers;
import io.simmim.operators.image.jpeg.JpegOutline;
import io.simmim.operators.image.jpeg.JpegReaders;
import io.simmim.operators.image.jpeg.TwelveMonkeysDecoder;
import io.simmim.operators.image.png.PngDecoder;
import java.io.IOException;
import java.util.Locale;

/**
 * Decodes an image with the first decoder that can, and counts which one did:
 *
 * <ol>
 *   <li>PNG: our own, in Java;
 *   <li>the common kind of JPEG: our own, in Java;
 *   <li>JPEGs of four components: the JDK's reader, as OpenCV rounds CMYK differently;
 *   <li>all other kinds and damaged scans: OpenCV;
 *   <li>what OpenCV refuses: TwelveMonkeys.
 * </ol>
 *
 * <p>The last three are not ours and partly native. They get a file only after a walk over all of
 * it ({@link JpegOutline}) and a check of the memory that they take ({@link DecodeMemory}).
 *
 * <p>A file that ends inside its scan is refused, as PIL does. Damage inside a scan is decoded as
 * libjpeg does, as PIL does too. Not thread-safe.
 */
public final class ImageDecoder implements AutoCloseable {
  /**
   * Each scan of a progressive JPEG costs a pass over all coefficients, and twenty bytes of file:
   * so many passes over the largest image that is allowed are decoded, and more over smaller ones.
   */
  private static final int SCANS = 32;

  private final long maxPixels;
  private final PngDecoder png;
  private final BaselineJpegDecoder baseline = new BaselineJpegDecoder();
  private final OpenCvDecoder openCv;
  private final CmykDecoder cmyk;
  private final TwelveMonkeysDecoder twelveMonkeys;
  private long decodedByPng;
  private long decodedByBaseline;
  private long decodedByCmyk;
  private long decodedByOpenCv;
  private long decodedByTwelveMonkeys;

  /**
   * @param config says how large images may be
   */
  public ImageDecoder(ImageConfig config) {
    maxPixels = config.maxPixels();
    DecodeMemory memory = DecodeMemory.shared(config.maxNativeBytes());
    JpegReaders readers = new JpegReaders();
    png = new PngDecoder(memory);
    openCv = new OpenCvDecoder(memory);
    cmyk = new CmykDecoder(memory, readers);
    twelveMonkeys = new TwelveMonkeysDecoder(memory, readers);
  }

  /**
   * Delivers the pixels of a crop.
   *
   * @param header of {@code file}; its size has been checked
   */
  public void decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink)
      throws IOException {
    sink.restart();
    if (header.format() == ImageFormat.PNG) {
      png.decode(file, header, crop, sink);
      decodedByPng++;
      return;
    }
    if (!JpegMarkers.isComplete(file) && !baseline.isWhole(file)) {
      throw truncated(file);
    }
    if (baseline.decode(file, header, crop, sink)) {
      decodedByBaseline++;
      return;
    }
    sink.restart();
    JpegOutline jpeg = JpegOutline.of(file);
    if (jpeg.isCut()) {
      throw truncated(file);
    }
    decodeOther(jpeg, crop, sink);
  }

  private static UnreadableImageException truncated(byte[] file) {
    return new UnreadableImageException(
        String.format(
            Locale.ROOT, "truncated: the file ends inside the scan, after %d bytes", file.length));
  }

  private void decodeOther(JpegOutline jpeg, CropBox crop, PixelSink sink) throws IOException {
    long passes = SCANS * maxPixels / jpeg.frame().pixels();
    if (jpeg.scans() > passes) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the JPEG has %d scans of %d x %d pixels; max-megapixels allows %d",
              jpeg.scans(),
              jpeg.frame().width(),
              jpeg.frame().height(),
              passes));
    }
    if (jpeg.isCmyk() && (long) jpeg.scans() * CmykDecoder.bands(jpeg, crop) <= passes) {
      if (cmyk.decode(jpeg, crop, sink)) {
        decodedByCmyk++;
        return;
      }
      sink.restart();
    }
    if (openCv.decode(jpeg, crop, sink)) {
      decodedByOpenCv++;
      return;
    }
    decodeRefused(jpeg, crop, sink);
  }

  private void decodeRefused(JpegOutline jpeg, CropBox crop, PixelSink sink) throws IOException {
    try {
      twelveMonkeys.decode(jpeg, crop, sink);
      decodedByTwelveMonkeys++;
    } catch (DecodeMemory.InterruptedWaitException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What the walk saw is a better reason than what the last decoder stumbled over.
      if (jpeg.doubt().isPresent()) {
        throw new UnreadableImageException(jpeg.doubt().get(), e);
      }
      throw e;
    }
  }

  public long decodedByPng() {
    return decodedByPng;
  }

  public long decodedByBaseline() {
    return decodedByBaseline;
  }

  public long decodedByCmyk() {
    return decodedByCmyk;
  }

  public long decodedByOpenCv() {
    return decodedByOpenCv;
  }

  public long decodedByTwelveMonkeys() {
    return decodedByTwelveMonkeys;
  }

  /** Gives back what a rare huge image needed. */
  public void trim() {
    baseline.trim();
  }

  /** Bytes of buffers that are kept for the next image. */
  public long heldBytes() {
    return png.heldBytes()
        + baseline.heldBytes()
        + openCv.heldBytes()
        + cmyk.heldBytes()
        + twelveMonkeys.heldBytes();
  }

  @Override
  public void close() {
    openCv.close();
  }
}
