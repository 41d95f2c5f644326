package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import picocli.CommandLine.Option;

/** How many threads a command computes with. */
public final class ThreadOptions {
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute at once (default: one per core). No result depends on it.")
  private Integer threads;

  /**
   * The number.
   *
   * @throws UserError if it is not allowed
   */
  public int threads() {
    int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (atOnce < 1 || atOnce > MOST_THREADS) {
      throw new UserError("--threads must be 1 to %d: %d".formatted(MOST_THREADS, atOnce));
    }
    return atOnce;
  }
}
