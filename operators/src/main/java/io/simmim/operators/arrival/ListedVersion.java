package io.simmim.operators.arrival;

/**
 * The version of an object that a listing showed, which tells its length alone: {@code l:} and the
 * bytes. Those of events have other prefixes.
 */
public final class ListedVersion {
  private static final String PREFIX = "l:";

  private ListedVersion() {}

  /** The version of an object of so many bytes. */
  public static String of(long length) {
    return PREFIX + length;
  }

  /** Whether a version is of a listing. */
  public static boolean matches(String version) {
    return version.startsWith(PREFIX);
  }

  /** The bytes that it tells. */
  public static long length(String version) {
    return Long.parseLong(version.substring(PREFIX.length()));
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
