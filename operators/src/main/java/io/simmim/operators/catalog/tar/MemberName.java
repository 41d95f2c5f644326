package io.simmim.operators.catalog.tar;

import io.simmim.operators.catalog.ImageNames;
import java.nio.charset.StandardCharsets;

/**
 * What matters of the name of a member: it may be long, and one that is said to hold for all
 * members is looked at for each of them.
 *
 * @param shown the name for messages; what is longer is cut
 * @param image whether it is that of an image
 * @param hidden whether it is hidden, or in a hidden folder
 */
public record MemberName(String shown, boolean image, boolean hidden) {
  /** Characters that are shown. */
  private static final int LONGEST = 400;

  public static MemberName of(String name) {
    return new MemberName(shortened(name), ImageNames.isImage(name), ImageNames.isHidden(name));
  }

  /** The name in the content of a GNU header, which ends with the first zero. */
  static MemberName ofGnu(byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    return of(new String(content, 0, end, StandardCharsets.UTF_8));
  }

  private static String shortened(String name) {
    if (name.codePointCount(0, name.length()) <= LONGEST) {
      return name;
    }
    return name.substring(0, name.offsetByCodePoints(0, LONGEST)) + "…";
  }
}
