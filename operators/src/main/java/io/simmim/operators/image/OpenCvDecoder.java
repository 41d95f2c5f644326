package io.simmim.operators.image;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decodes with OpenCV (libjpeg-turbo inside): every kind of JPEG that PIL reads, bit for bit, and
 * PNG. EXIF orientation is not applied, colour profiles are not applied, grey becomes RGB.
 *
 * <p>Owns two native buffers, for the file and for the pixels, that are reused from image to image.
 * Not thread-safe.
 */
final class OpenCvDecoder implements AutoCloseable {
  private static final int STRIP_ROWS = 64;
  private static final int FLAGS =
      opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;

  /** Larger buffers are given back after the image: such images are rare. */
  private static final long KEPT_BYTES = 64L << 20;

  static {
    OpenCvLibrary.load();
  }

  private BytePointer encoded = new BytePointer(1L << 20);
  private BytePointer pixels = new BytePointer(1L << 20);
  private int[][] columns = new int[0][];
  private byte[] strip = new byte[0];

  /**
   * Decodes one image.
   *
   * @param header of {@code file}; its size has been checked
   * @param crop the part whose pixels are wanted
   * @return false if OpenCV refuses the file; the sink has got nothing then
   */
  boolean decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink) {
    encoded = reserve(encoded, file.length);
    encoded.put(file, 0, file.length);
    pixels = reserve(pixels, header.pixels() * 3);
    try (Mat input = new Mat(1, file.length, opencv_core.CV_8UC1, encoded);
        Mat output = new Mat(header.height(), header.width(), opencv_core.CV_8UC3, pixels)) {
      try (Mat decoded = opencv_imgcodecs.imdecode(input, FLAGS, output)) {
        if (decoded.empty()) {
          return false;
        }
      }
      if (output.cols() != header.width() || output.rows() != header.height()) {
        return false;
      }
      emit(output, header.width(), crop, sink);
      return true;
    } finally {
      encoded = release(encoded);
      pixels = release(pixels);
    }
  }

  private void emit(Mat image, int width, CropBox crop, PixelSink sink) {
    reserveColumns(crop.width());
    int rowBytes = width * 3;
    if (strip.length < STRIP_ROWS * rowBytes) {
      strip = new byte[STRIP_ROWS * rowBytes];
    }
    try (BytePointer data = image.data()) {
      for (int top = crop.top(); top < crop.bottom(); top += STRIP_ROWS) {
        int rows = Math.min(STRIP_ROWS, crop.bottom() - top);
        data.position((long) top * rowBytes).get(strip, 0, rows * rowBytes);
        for (int x = 0; x < crop.width(); x++) {
          pack(columns[x], (crop.left() + x) * 3, rowBytes, rows);
        }
        sink.strip(columns, 0, rows);
      }
    }
  }

  private void pack(int[] column, int first, int rowBytes, int rows) {
    int at = first;
    for (int y = 0; y < rows; y++) {
      column[y] = (strip[at] & 255) | ((strip[at + 1] & 255) << 8) | ((strip[at + 2] & 255) << 16);
      at += rowBytes;
    }
  }

  private void reserveColumns(int width) {
    if (columns.length < width) {
      columns = new int[width][STRIP_ROWS];
    }
  }

  private static BytePointer reserve(BytePointer buffer, long bytes) {
    if (buffer.capacity() >= bytes) {
      return buffer;
    }
    buffer.close();
    return new BytePointer(Math.max(bytes, 1));
  }

  private static BytePointer release(BytePointer buffer) {
    if (buffer.capacity() <= KEPT_BYTES) {
      return buffer;
    }
    buffer.close();
    return new BytePointer(1);
  }

  @Override
  public void close() {
    encoded.close();
    pixels.close();
  }
}
