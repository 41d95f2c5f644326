package io.simmim.operators.image.codec;

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

  private static final ImageFormat[] ALL = values();

  /** The format that a file's first bytes tell, whatever its name says. */
  public static Optional<ImageFormat> ofContent(byte[] file) {
    for (ImageFormat format : ALL) {
      if (format.begins(file)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  private boolean begins(byte[] file) {
    if (file.length < signature.length()) {
      return false;
    }
    for (int i = 0; i < signature.length(); i++) {
      if ((file[i] & 0xFF) != signature.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The format that a file's name tells, in any case. */
  public static Optional<ImageFormat> ofName(String name) {
    for (ImageFormat format : ALL) {
      if (format.names(name)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  private boolean names(String name) {
    return switch (this) {
      case JPEG -> endsWith(name, ".jpg") || endsWith(name, ".jpeg");
      case PNG -> endsWith(name, ".png");
    };
  }

  /** Looks at the end only: names in shards may be long. */
  private static boolean endsWith(String name, String end) {
    return name.regionMatches(true, name.length() - end.length(), end, 0, end.length());
  }
}
