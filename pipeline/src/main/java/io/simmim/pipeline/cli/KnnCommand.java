package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.evaluate.KnnRun;
import io.simmim.schemas.UserError;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code knn}: how well the neighbours of images in a model's features tell their classes. */
@Command(
    name = "knn",
    description =
        "Classifies images by the classes of their nearest neighbours in a model's features"
            + " (weighted, 10 and 20 neighbours).",
    mixinStandardHelpOptions = true)
final class KnnCommand implements Callable<Integer> {
  private static final int MOST_THREADS = 1024;

  @Mixin private ToolOptions tool;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images that vote: folders INPUT/CLASS/…, or tar shards.")
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
      description = "Folder in which the result is kept, as " + KnnRun.RESULT + ".")
  private String output;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute at once (default: one per core). No result depends on it.")
  private Integer threads;

  @Override
  public Integer call() throws Exception {
    int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (atOnce < 1 || atOnce > MOST_THREADS) {
      throw new UserError("--threads must be 1 to %d: %d".formatted(MOST_THREADS, atOnce));
    }
    new KnnRun(
            model.model(), input, validation, Optional.ofNullable(output), atOnce, model.device())
        .run(tool.config(), tool.say());
    return CommandOutcome.DONE;
  }
}
