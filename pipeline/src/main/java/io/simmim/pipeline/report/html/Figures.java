package io.simmim.pipeline.report.html;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times as people read them. */
final class Figures {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Figures() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number with its noun, in the plural if need be. */
  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** Four digits that count. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "no number";
    }
    double size = Math.abs(value);
    if (size == 0 || (size >= 1e-3 && size < 1e5)) {
      int decimals = size == 0 ? 0 : Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
      return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
    return String.format(Locale.ROOT, "%.2e", value);
  }

  static String percent(double share) {
    if (!Double.isFinite(share)) {
      return "unknown";
    }
    boolean small = share >= 0.0005 && share < 0.0995;
    return String.format(Locale.ROOT, small ? "%.1f %%" : "%.0f %%", 100 * share);
  }

  /** A share of images, as the literature writes it. */
  static String accuracy(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String time(Instant time) {
    return TIME.format(time);
  }

  static String duration(Duration duration) {
    long seconds = Math.round(duration.toMillis() / 1e3);
    if (duration.toMillis() < 9_950) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d min %d s", seconds / 60, seconds % 60);
    }
    return seconds < 86_400
        ? String.format(Locale.ROOT, "%d h %d min", seconds / 3600, seconds / 60 % 60)
        : String.format(Locale.ROOT, "%d d %d h", seconds / 86_400, seconds / 3600 % 24);
  }

  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double size = bytes / 1e3;
    int unit = 0;
    while (size >= 999.5) {
      size /= 1e3;
      unit++;
    }
    return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
  }
}
