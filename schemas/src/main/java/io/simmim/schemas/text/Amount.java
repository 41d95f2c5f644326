package io.simmim.schemas.text;

import java.time.Duration;
import java.util.Locale;
import org.apache.flink.util.TimeUtils;

/** Amounts as people read them. */
public final class Amount {
  private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  private static final int THOUSAND = 1000;
  private static final int THREE_DIGITS = 100;

  private Amount() {}

  /** Bytes in the unit that gives them up to three digits: {@code 22.1 MB}. */
  public static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= THOUSAND - 0.5 && unit < UNITS.length - 1) {
      amount /= THOUSAND;
      unit++;
    }
    String format = unit > 0 && amount < THREE_DIGITS ? "%.1f %s" : "%.0f %s";
    return String.format(Locale.ROOT, format, amount, UNITS[unit]);
  }

  /** A time as configuration writes it: {@code 90 s}, {@code 50 ms}. */
  public static String of(Duration time) {
    return TimeUtils.formatWithHighestUnit(time);
  }

  /** A time in two units: {@code 5 min 20 s}. */
  public static String time(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    if (whole < 3600) {
      return "%d min %02d s".formatted(whole / 60, whole % 60);
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 48 * 60
        ? "%d h %02d min".formatted(minutes / 60, minutes % 60)
        : String.format(
            Locale.ROOT, "%,d h (%.1f days)", Math.round(minutes / 60.0), minutes / 1440.0);
  }
}
