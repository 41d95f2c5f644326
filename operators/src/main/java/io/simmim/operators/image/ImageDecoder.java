package io.simmim.operators.image;

import java.io.IOException;

/**
 * Decodes an image with the first decoder that can, and counts which one did:
 *
 * <ol>
 *   <li>our own, in Java, for the common kind of JPEG;
 *   <li>OpenCV, for all other kinds and for damaged scans;
 *   <li>TwelveMonkeys, for what OpenCV refuses.
 * </ol>
 *
 * <p>A file that ends inside its scan is refused, as PIL does. Damage inside a scan is decoded as
 * libjpeg does, as PIL does too. Not thread-safe.
 */
final class ImageDecoder implements AutoCloseable {
  private final BaselineJpegDecoder baseline = new BaselineJpegDecoder();
  private final OpenCvDecoder openCv = new OpenCvDecoder();
  private TwelveMonkeysDecoder twelveMonkeys;
  private long decodedByBaseline;
  private long decodedByOpenCv;
  private long decodedByTwelveMonkeys;

  /**
   * Delivers the pixels of a crop.
   *
   * @param header of {@code file}; its size has been checked
   */
  void decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink) throws IOException {
    boolean jpeg = header.format() == ImageHeader.Format.JPEG;
    if (jpeg && !JpegMarkers.isComplete(file)) {
      throw new UnreadableImageException(
          "truncated: the file ends inside the scan, after %d bytes".formatted(file.length));
    }
    sink.restart();
    if (jpeg && baseline.decode(file, header, crop, sink)) {
      decodedByBaseline++;
      return;
    }
    sink.restart();
    if (openCv.decode(file, header, crop, sink)) {
      decodedByOpenCv++;
      return;
    }
    if (!jpeg) {
      throw new UnreadableImageException("OpenCV cannot decode this " + header.format());
    }
    if (twelveMonkeys == null) {
      twelveMonkeys = new TwelveMonkeysDecoder();
    }
    twelveMonkeys.decode(file, header, crop, sink);
    decodedByTwelveMonkeys++;
  }

  long decodedByBaseline() {
    return decodedByBaseline;
  }

  long decodedByOpenCv() {
    return decodedByOpenCv;
  }

  long decodedByTwelveMonkeys() {
    return decodedByTwelveMonkeys;
  }

  @Override
  public void close() {
    openCv.close();
  }
}
