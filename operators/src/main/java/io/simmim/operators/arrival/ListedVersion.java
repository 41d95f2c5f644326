package io.simmim.operators.arrival;

import java.util.Locale;

/**
 * The version of an object that a listing showed: {@code l:} and the bytes, and behind a plus sign
 * how many seconds the listing took, if that is more than clocks may differ by. Those of events
 * have other prefixes.
 */
public final class ListedVersion {
  /** Clocks of storage and of this machine may differ by so much. */
  static final long CLOCK_SLACK_MILLIS = 2000;

  private static final String PREFIX = "l:";

  private ListedVersion() {}

  /**
   * The version of an object.
   *
   * @param length its bytes
   * @param tookMillis the object was seen so long after the listing began at the latest
   */
  public static String of(long length, long tookMillis) {
    return tookMillis <= CLOCK_SLACK_MILLIS
        ? PREFIX + length
        : String.format(Locale.ROOT, "%s%d+%d", PREFIX, length, (tookMillis + 999) / 1000);
  }

  /** Whether a version is of a listing. */
  public static boolean matches(String version) {
    return version.startsWith(PREFIX);
  }

  /** The bytes that it tells. */
  public static long length(String version) {
    int plus = version.indexOf('+');
    return Long.parseLong(version.substring(PREFIX.length(), plus < 0 ? version.length() : plus));
  }

  /** How long the listing may have taken until it showed the object, in milliseconds. */
  static long tookMillis(String version) {
    int plus = version.indexOf('+');
    return plus < 0 ? 0 : 1000 * Long.parseLong(version.substring(plus + 1));
  }

  /** As catalogs are sorted: by the bytes of UTF-8, which is by code points. */
  public static int compare(String one, String other) {
    int length = Math.min(one.length(), other.length());
    for (int i = 0; i < length; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        // Surrogates stand for code points above all others.
        return Character.isSurrogate(a) == Character.isSurrogate(b)
            ? Character.compare(a, b)
            : Character.isSurrogate(a) ? 1 : -1;
      }
    }
    return Integer.compare(one.length(), other.length());
  }
}
