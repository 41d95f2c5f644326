package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.UnreadableImageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a walk over a whole JPEG tells before libjpeg or another foreign decoder sees it: that its
 * header is complete and its tables are well-formed, how much memory and work decoding will be, and
 * which of its bytes matter. Comments, profiles, previews and other applications' segments of the
 * header do not: they stay away from the decoders.
 */
public final class JpegOutline {
  /** Takes bytes for a decoder, one range after the other. */
  @FunctionalInterface
  public interface Receiver {
    void take(byte[] bytes, int from, int count);
  }

  private static final byte[] BEGIN = {(byte) 0xFF, (byte) JpegMarkers.SOI};

  /** What stands for a segment that is left out: the bytes around it must not become a marker. */
  private static final byte[] EMPTY = {(byte) 0xFF, (byte) JpegMarkers.COM, 0, 2};

  private static final byte[] END = {(byte) 0xFF, (byte) JpegMarkers.EOI};
  private static final int CMYK_COMPONENTS = 4;
  private static final int ADOBE_BYTES = 12;

  /** Rows of samples, as bytes, that libjpeg holds of each component besides coefficients. */
  private static final int WORKING_ROWS = 128;

  private final byte[] file;
  private final JpegTables tables = new JpegTables();
  private JpegFrame frame;

  /** First byte behind the beginning of the image: tables may come before it. */
  private int imageStart = BEGIN.length;

  private int adobeTransform = -1;
  private int scans;
  private boolean severalScans;

  /** First byte of the end marker; without one the file's end. */
  private int imageEnd;

  private boolean ended;
  private String doubt;

  /** What {@link #feed} hands over, once it is asked for. */
  private int neededBytes = -1;

  private JpegOutline(byte[] file) {
    this.file = file;
    imageEnd = file.length;
  }

  /**
   * Walks over a file.
   *
   * @param file begins as a JPEG
   * @throws UnreadableImageException if no decoder can read it, with the reason
   */
  public static JpegOutline of(byte[] file) throws UnreadableImageException {
    JpegOutline outline = new JpegOutline(file);
    JpegMarkers markers = new JpegMarkers(file);
    outline.walkHeader(markers);
    outline.walkScans(markers);
    return outline;
  }

  private void walkHeader(JpegMarkers markers) throws UnreadableImageException {
    while (markers.next()) {
      int marker = markers.marker();
      if (marker == JpegMarkers.SOI) {
        imageStart = markers.end();
        adobeTransform = -1;
      } else if (marker == JpegMarkers.APP14) {
        readAdobe(markers);
      } else if (markers.isFrameHeader()) {
        readFrame(markers);
      } else if (marker == JpegMarkers.SOS) {
        readScan(markers);
        return;
      } else {
        tables.add(file, markers);
      }
    }
    throw new UnreadableImageException(markers.ending());
  }

  private void readAdobe(JpegMarkers markers) {
    if (markers.length() >= ADOBE_BYTES && begins(markers, "Adobe")) {
      adobeTransform = file[markers.start() + ADOBE_BYTES - 1] & 255;
    }
  }

  private void readFrame(JpegMarkers markers) throws UnreadableImageException {
    if (frame != null) {
      throw new UnreadableImageException("damaged: the JPEG has two frame headers");
    }
    frame = JpegFrame.parse(file, markers);
    if (frame.isHierarchical()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT, "the JPEG is hierarchical (frame header %02x)", frame.marker()));
    }
  }

  private void readScan(JpegMarkers markers) throws UnreadableImageException {
    if (frame == null) {
      throw new UnreadableImageException("the JPEG has no frame header before its scan");
    }
    scans = 1;
    int at = markers.start();
    int count = markers.length() < 1 ? 0 : file[at] & 255;
    if (count < 1 || count > frame.components().size() || markers.length() != 4 + 2 * count) {
      throw new UnreadableImageException("damaged: the JPEG's first scan has no valid header");
    }
    severalScans = frame.isProgressive() || count < frame.components().size();
    for (int i = 0; i < count; i++) {
      int id = file[at + 1 + 2 * i] & 255;
      Optional<JpegFrame.Component> component =
          frame.components().stream().filter(one -> one.id() == id).findFirst();
      if (component.isEmpty()) {
        doubt = "damaged: the JPEG's first scan is of a component that it does not have: " + id;
      } else if (!frame.isLossless() && !tables.hasQuantization(component.get().quantization())) {
        doubt =
            String.format(
                Locale.ROOT,
                "damaged: the JPEG has no quantization table %d for its component %d",
                component.get().quantization(),
                id);
      }
    }
  }

  private void walkScans(JpegMarkers markers) {
    while (!ended && markers.next()) {
      if (markers.marker() == JpegMarkers.EOI) {
        ended = true;
        imageEnd = markers.end() - END.length;
      }
      if (markers.marker() == JpegMarkers.SOS) {
        scans++;
      }
    }
  }

  private boolean begins(JpegMarkers markers, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    int at = markers.start();
    return markers.length() >= expected.length
        && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
  }

  /** Hands over what a decoder needs; not what cameras append, such as a second picture. */
  public void feed(Receiver receiver) {
    receiver.take(BEGIN, 0, BEGIN.length);
    JpegMarkers markers = new JpegMarkers(file);
    int from = imageStart;
    while (markers.next() && markers.marker() != JpegMarkers.SOS) {
      if (markers.end() <= imageStart) {
        if (isTable(markers.marker())) {
          receiver.take(file, head(markers), markers.end() - head(markers));
        }
      } else if (isForOthers(markers)) {
        receiver.take(file, from, head(markers) - from);
        receiver.take(EMPTY, 0, EMPTY.length);
        from = markers.end();
      }
    }
    receiver.take(file, from, imageEnd - from);
    // A decoder at the end of its data would wait for more.
    receiver.take(END, 0, END.length);
  }

  /** First byte of a segment with a length. */
  private static int head(JpegMarkers markers) {
    return markers.start() - 4;
  }

  private static boolean isTable(int marker) {
    return marker == JpegMarkers.DQT || marker == JpegMarkers.DHT || marker == JpegMarkers.DAC;
  }

  private boolean isForOthers(JpegMarkers markers) {
    return JpegMarkers.isSkipped(markers.marker())
        && !(markers.marker() == JpegMarkers.APP0 && begins(markers, "JFIF\0"))
        && !(markers.marker() == JpegMarkers.APP14 && begins(markers, "Adobe"));
  }

  /** What {@link #feed} hands over, as one array. */
  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(neededBytes());
    feed(bytes::put);
    return bytes.array();
  }

  /** How many bytes {@link #feed} hands over. */
  public int neededBytes() {
    if (neededBytes < 0) {
      neededBytes = 0;
      feed((bytes, from, count) -> neededBytes += count);
    }
    return neededBytes;
  }

  public JpegFrame frame() {
    return frame;
  }

  public boolean isGray() {
    return frame.components().size() == 1;
  }

  public boolean isCmyk() {
    return frame.components().size() == CMYK_COMPONENTS;
  }

  /** Whether the first three of four components are YCbCr, by libjpeg's rules. */
  boolean isYcck() {
    return isCmyk() && adobeTransform > 0;
  }

  public int scans() {
    return scans;
  }

  /** Whether only an end marker tells that all scans are there, and there is none. */
  public boolean isCut() {
    return severalScans && !ended;
  }

  /** What speaks against the file, though some decoder might read it. */
  public Optional<String> doubt() {
    return Optional.ofNullable(doubt);
  }

  /** Bytes of native memory that libjpeg takes while it decodes, its input and output aside. */
  public long libjpegBytes() {
    return (severalScans ? frame.coefficientBytes() : 0) + (long) WORKING_ROWS * frame.rowSamples();
  }
}
