package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.KnnRun;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code knn}: how well the neighbours of images in a model's features tell their classes. */
@Command(
    name = "knn",
    description =
        "Classifies images by the classes of their nearest neighbours in a model's features"
            + " (weighted, 10 and 20 neighbours).",
    mixinStandardHelpOptions = true)
final class KnnCommand implements Callable<Integer> {
  private static final int MOST_THREADS = 1024;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Folder of an exported model, or output of a run.")
  private String model;

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

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "cpu|gpu0",
      description = "Where the model is computed (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as flink.s3.endpoint=URL. May be repeated.")
  private List<String> assignments = List.of();

  @Override
  public Integer call() throws Exception {
    int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (atOnce < 1 || atOnce > MOST_THREADS) {
      throw new UserError("--threads must be 1 to %d: %d".formatted(MOST_THREADS, atOnce));
    }
    DeviceOption.require(device);
    SimmimConfig config = new ConfigLoader().set(assignments).load().config();
    PrintWriter out = spec.commandLine().getOut();
    new KnnRun(model, input, validation, Optional.ofNullable(output), atOnce, device)
        .run(
            config,
            line -> {
              out.println(line);
              out.flush();
            });
    return CommandOutcome.DONE;
  }
}
