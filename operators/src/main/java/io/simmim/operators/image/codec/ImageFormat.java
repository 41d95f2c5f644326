package io.simmim.operators.image.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A format of images that is decoded. A new one is a constant here, its header in {@code
 * ImageHeaders} and its decoder in {@code ImageDecoder}.
 */
public enum ImageFormat {
  JPEG("\u00ff\u00d8"),
  PNG("\u0089PNG\r\n\u001a\n");

  private final String signature;

  /**
   * @param signature one char per byte
   */
  ImageFormat(String signature) {
    this.signature = signature;
  }

  private List<String> extensions() {
    return switch (this) {
      case JPEG -> List.of(".jpg", ".jpeg");
      case PNG -> List.of(".png");
    };
  }

  /** The format that a file's first bytes tell, whatever its name says. */
  public static Optional<ImageFormat> ofContent(byte[] file) {
    return Arrays.stream(values()).filter(format -> format.begins(file)).findFirst();
  }

  private boolean begins(byte[] file) {
    byte[] expected = signature.getBytes(StandardCharsets.ISO_8859_1);
    return file.length >= expected.length
        && Arrays.equals(file, 0, expected.length, expected, 0, expected.length);
  }

  /** The format that a file's name tells, in any case. */
  public static Optional<ImageFormat> ofName(String name) {
    return Arrays.stream(values()).filter(format -> format.names(name)).findFirst();
  }

  private boolean names(String name) {
    return extensions().stream().anyMatch(end -> endsWith(name, end));
  }

  /** Looks at the end only: names in shards may be long. */
  private static boolean endsWith(String name, String end) {
    return name.regionMatches(true, name.length() - end.length(), end, 0, end.length());
  }
}
