package io.simmim.operators.image.format;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.RowStrip;
import io.simmim.operators.image.jpeg.JpegFrame;
import io.simmim.operators.image.jpeg.JpegOutline;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decodes with OpenCV (libjpeg-turbo inside): every kind of JPEG that PIL reads, bit for bit, but
 * for CMYK, which it converts with other rounding. EXIF orientation is not applied, colour profiles
 * are not applied, grey becomes RGB.
 *
 * <p>Owns two native buffers, for the file and for the pixels, that are reused from image to image.
 * Not thread-safe.
 */
public final class OpenCvDecoder implements AutoCloseable {
  private static final int RGB = 3;

  static {
    OpenCvLibrary.load();
  }

  private final DecodeMemory memory;
  private final RowStrip strip = new RowStrip();
  private BytePointer encoded = new BytePointer();
  private BytePointer pixels = new BytePointer();

  public OpenCvDecoder(DecodeMemory memory) {
    this.memory = memory;
  }

  /**
   * Decodes one image.
   *
   * @param jpeg the image; its size has been checked
   * @param crop the part whose pixels are wanted
   * @return false if OpenCV refuses the file; the sink has got nothing then
   * @throws UnreadableImageException if decoding takes more memory than it may
   */
  public boolean decode(JpegOutline jpeg, CropBox crop, PixelSink sink)
      throws UnreadableImageException {
    JpegFrame frame = jpeg.frame();
    int channels = jpeg.isGray() ? 1 : RGB;
    long outputBytes = (long) frame.width() * frame.height() * channels;
    String image =
        String.format(Locale.ROOT, "a JPEG of %d x %d pixels", frame.width(), frame.height());
    int lease = memory.lease(jpeg.libjpegBytes() + jpeg.neededBytes() + outputBytes, image);
    try {
      reserve(jpeg.neededBytes(), outputBytes);
      int type = channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3;
      try (Mat output = new Mat(frame.height(), frame.width(), type, pixels)) {
        if (!decode(jpeg, channels, output)) {
          return false;
        }
        emit(output, channels, crop, sink);
        return true;
      }
    } finally {
      try {
        trim();
      } finally {
        memory.release(lease);
      }
    }
  }

  private void reserve(long inputBytes, long outputBytes) {
    if (encoded.capacity() < inputBytes) {
      encoded = emptied(encoded);
      encoded = new BytePointer(inputBytes);
    }
    if (pixels.capacity() < outputBytes) {
      pixels = emptied(pixels);
      pixels = new BytePointer(outputBytes);
    }
  }

  private boolean decode(JpegOutline jpeg, int channels, Mat output) {
    encoded.position(0);
    jpeg.feed(this::append);
    int count = (int) encoded.position();
    encoded.position(0);
    // As grey from the beginning: libjpeg-turbo converts no lossless samples.
    int color =
        channels == 1 ? opencv_imgcodecs.IMREAD_GRAYSCALE : opencv_imgcodecs.IMREAD_COLOR_RGB;
    int flags = color | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
    int rows = output.rows();
    int columns = output.cols();
    try (Mat input = new Mat(1, count, opencv_core.CV_8UC1, encoded);
        Mat decoded = opencv_imgcodecs.imdecode(input, flags, output)) {
      // What OpenCV had to allocate itself is not the image that was announced.
      return !decoded.empty()
          && output.cols() == columns
          && output.rows() == rows
          && output.data().address() == pixels.address();
    } catch (RuntimeException e) {
      // OpenCV's own checks; whatever they say, it does not read this file.
      return false;
    }
  }

  private void append(byte[] bytes, int from, int count) {
    encoded.put(bytes, from, count);
    encoded.position(encoded.position() + count);
  }

  private void emit(Mat image, int channels, CropBox crop, PixelSink sink) {
    strip.begin(crop.width(), channels, sink);
    long rowBytes = (long) image.cols() * channels;
    try (BytePointer data = image.data()) {
      for (int y = crop.top(); y < crop.bottom(); y++) {
        data.position(y * rowBytes + (long) crop.left() * channels)
            .get(strip.bytes(), strip.offset(), strip.rowBytes());
        strip.rowDone();
      }
    }
    strip.finish();
  }

  /** Gives back what a rare huge image needed. */
  private void trim() {
    if (encoded.capacity() > DecodeMemory.KEPT_BYTES) {
      encoded = emptied(encoded);
    }
    if (pixels.capacity() > DecodeMemory.KEPT_BYTES) {
      pixels = emptied(pixels);
    }
    strip.trim();
  }

  /** Gives a buffer back; should that fail for lack of heap, it is still there. */
  private static BytePointer emptied(BytePointer buffer) {
    BytePointer empty = new BytePointer();
    buffer.close();
    return empty;
  }

  long heldBytes() {
    return encoded.capacity() + pixels.capacity() + strip.heldBytes();
  }

  @Override
  public void close() {
    encoded.close();
    pixels.close();
  }
}
