package io.simmim.operators.image.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Files of other formats that lie in folders of JPEGs under a JPEG's name, told apart by their
 * first bytes, so that a rejection can say what the file is.
 */
final class ForeignFormat {
  /**
   * Bytes that a format has at a place.
   *
   * @param bytes one char per byte
   */
  private record Signature(String name, int offset, String bytes) {
    boolean isIn(byte[] file) {
      byte[] expected = bytes.getBytes(StandardCharsets.ISO_8859_1);
      int end = offset + expected.length;
      return file.length >= end && Arrays.equals(file, offset, end, expected, 0, expected.length);
    }
  }

  /** The first that fits counts. */
  private static final List<Signature> KNOWN =
      List.of(
          new Signature("WebP", 8, "WEBP"),
          new Signature("GIF", 0, "GIF8"),
          new Signature("TIFF", 0, "II*\0"),
          new Signature("TIFF", 0, "MM\0*"),
          new Signature("TIFF", 0, "II+\0"),
          new Signature("TIFF", 0, "MM\0+"),
          new Signature("JPEG XR", 0, "II\u00bc\u0001"),
          new Signature("AVIF", 4, "ftypavif"),
          new Signature("AVIF", 4, "ftypavis"),
          new Signature("HEIC", 4, "ftyphe"),
          new Signature("HEIC", 4, "ftypmif1"),
          new Signature("HEIC", 4, "ftypmsf1"),
          new Signature("MP4 or QuickTime", 4, "ftyp"),
          new Signature("JPEG 2000", 0, "\0\0\0\u000cjP  "),
          new Signature("JPEG 2000", 0, "\u00ffO\u00ffQ"),
          new Signature("JPEG XL", 0, "\0\0\0\u000cJXL "),
          new Signature("JPEG XL", 0, "\u00ff\n"),
          new Signature("MNG", 0, "\u008aMNG"),
          new Signature("JNG", 0, "\u008bJNG"),
          new Signature("ICO", 0, "\0\0\u0001\0"),
          new Signature("Photoshop", 0, "8BPS"),
          new Signature("OpenEXR", 0, "v/1\u0001"),
          new Signature("Radiance HDR", 0, "#?"),
          new Signature("DDS", 0, "DDS "),
          new Signature("QOI", 0, "qoif"),
          new Signature("BMP", 0, "BM"),
          new Signature("PNM", 0, "P5\n"),
          new Signature("PNM", 0, "P6\n"),
          new Signature("PDF", 0, "%PDF"),
          new Signature("zip", 0, "PK\u0003\u0004"),
          new Signature("gzip", 0, "\u001f\u008b"),
          new Signature("Zstandard", 0, "(\u00b5/\u00fd"),
          new Signature("bzip2", 0, "BZh"),
          new Signature("xz", 0, "\u00fd7zXZ"),
          new Signature("tar", 257, "ustar"),
          new Signature("AppleDouble (macOS metadata)", 0, "\0\u0005\u0016\u0007"),
          new Signature("Git LFS pointer", 0, "version https://git-lfs"));

  private ForeignFormat() {}

  /** The name of the file's format, if it is a known one. */
  static Optional<String> of(byte[] file) {
    return KNOWN.stream().filter(format -> format.isIn(file)).map(Signature::name).findFirst();
  }
}
