package io.simmim.operators.catalog;

import java.util.Locale;

/** What is an image, and what holds images, by the end of its name. */
public final class ImageNames {
  private ImageNames() {}

  public static boolean isJpeg(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".jpg") || lower.endsWith(".jpeg");
  }

  public static boolean isShard(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".tar");
  }
}
