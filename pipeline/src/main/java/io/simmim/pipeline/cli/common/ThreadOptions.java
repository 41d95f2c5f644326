package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;
import picocli.CommandLine.Option;

/** How many threads a command computes with. */
public final class ThreadOptions {
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
    Limits.require("--threads", atOnce, 1, Limits.MOST_THREADS);
    return atOnce;
  }
}
