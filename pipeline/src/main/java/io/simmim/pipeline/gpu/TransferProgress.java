package io.simmim.pipeline.gpu;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * How far something of known size is: a bar on a terminal, elsewhere a line for every tenth.
 *
 * <p>Not thread-safe.
 */
final class TransferProgress {
  private static final int WIDTH = 8;

  /** Longer lines would be wrapped by most terminals, and then not be written over. */
  private static final String LINE = "\r%-79s";

  private static final long EVERY_NANOS = 200_000_000;
  private static final double MB = 1e6;

  private final PrintWriter out;
  private final boolean terminal;
  private final String what;
  private final long total;
  private long startBytes = -1;
  private long startNanos;
  private long saidNanos;
  private long saidTenth = -1;

  /**
   * Nothing is printed yet.
   *
   * @param terminal whether lines may be overwritten
   * @param total bytes, at least 1
   */
  TransferProgress(PrintWriter out, boolean terminal, String what, long total) {
    this.out = out;
    this.terminal = terminal;
    this.what = what;
    this.total = total;
  }

  /** Says it, if it is time to. */
  void at(long bytes) {
    long now = System.nanoTime();
    if (startBytes < 0) {
      startBytes = bytes;
      startNanos = now;
    }
    boolean last = bytes >= total;
    long tenth = 10 * bytes / total;
    if (terminal ? !last && now - saidNanos < EVERY_NANOS : tenth == saidTenth) {
      return;
    }
    saidNanos = now;
    saidTenth = tenth;
    double seconds = Math.max((now - startNanos) / 1e9, 1e-3);
    double rate = (bytes - startBytes) / seconds;
    String text =
        String.format(
            Locale.ROOT,
            "%s  %3d %%  %.0f of %.0f MB%s",
            what,
            100 * bytes / total,
            bytes / MB,
            total / MB,
            rate > 0 && !last
                ? String.format(
                    Locale.ROOT, "  %.0f MB/s  ETA %.0f s", rate / MB, (total - bytes) / rate)
                : "");
    if (terminal) {
      int full = (int) (WIDTH * bytes / total);
      String bar = "[" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] ";
      out.print(LINE.formatted(bar + text));
      if (last) {
        out.println();
      }
    } else {
      out.println(text);
    }
    out.flush();
  }
}
