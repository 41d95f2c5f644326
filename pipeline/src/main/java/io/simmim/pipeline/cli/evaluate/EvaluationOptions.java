package io.simmim.pipeline.cli.evaluate;

import io.simmim.pipeline.cli.common.ModelOptions;
import io.simmim.pipeline.evaluate.EvaluationRequest;
import io.simmim.schemas.UserError;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands have that measure a model on images with classes. */
final class EvaluationOptions {
  private static final int MOST_THREADS = 1024;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images that are learned from: folders INPUT/CLASS/…, or tar shards.")
  private List<String> input;

  @Option(
      names = "--validation",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images that are classified, in the same form.")
  private List<String> validation;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder in which the result is kept, as COMMAND.json.")
  private String output;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute at once (default: one per core). No result depends on it.")
  private Integer threads;

  /**
   * What the user asks for.
   *
   * @throws UserError if an option has a value that is not allowed
   */
  EvaluationRequest request() {
    int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (atOnce < 1 || atOnce > MOST_THREADS) {
      throw new UserError("--threads must be 1 to %d: %d".formatted(MOST_THREADS, atOnce));
    }
    return new EvaluationRequest(
        model.model(), input, validation, Optional.ofNullable(output), atOnce, model.device());
  }
}
