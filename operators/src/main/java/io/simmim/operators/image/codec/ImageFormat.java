package io.simmim.operators.image.codec;

import io.simmim.operators.image.format.ImageDecoder;
import io.simmim.operators.image.format.ImageHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A format of images that is decoded. A new one is a constant here, its header in {@link
 * ImageHeaders} and its decoder in {@link ImageDecoder}.
 */
public enum ImageFormat {
  JPEG("\u00ff\u00d8", ".jpg", ".jpeg"),
  PNG("\u0089PNG\r\n\u001a\n", ".png");

  private final byte[] signature;
  private final List<String> extensions;

  /**
   * @param signature one char per byte
   */
  ImageFormat(String signature, String... extensions) {
    this.signature = signature.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    this.extensions = List.of(extensions);
  }

  /** The format that a file's first bytes tell, whatever its name says. */
  public static Optional<ImageFormat> ofContent(byte[] file) {
    return Arrays.stream(values()).filter(format -> format.begins(file)).findFirst();
  }

  private boolean begins(byte[] file) {
    return file.length >= signature.length
        && Arrays.equals(file, 0, signature.length, signature, 0, signature.length);
  }

  /** The format that a file's name tells, in any case. */
  public static Optional<ImageFormat> ofName(String name) {
    return Arrays.stream(values()).filter(format -> format.names(name)).findFirst();
  }

  private boolean names(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return extensions.stream().anyMatch(lower::endsWith);
  }
}
