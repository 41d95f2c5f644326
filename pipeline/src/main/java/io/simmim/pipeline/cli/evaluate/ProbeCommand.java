package io.simmim.pipeline.cli.evaluate;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.probe.ProbeConfig;
import io.simmim.pipeline.probe.ProbeRun;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code probe}: how well linear classifiers of a model's features tell classes. */
@Command(
    name = "probe",
    description =
        "Classifies images by linear classifiers of a model's features: all layers at several"
            + " learning rates.",
    mixinStandardHelpOptions = true)
public final class ProbeCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

  @Mixin private EvaluationOptions evaluation;

  @Option(
      names = "--epochs",
      defaultValue = "90",
      paramLabel = "N",
      description = "Passes over the features (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images of an update (default: a sixteenth of the images, 16 to 1024).")
  private Integer batch;

  @Option(
      names = "--rates",
      split = ",",
      defaultValue = "0.003,0.01,0.03,0.1,0.3,1,3",
      paramLabel = "RATE",
      description =
          "Learning rates to try, for a batch of 256; separated by commas (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Double> rates;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Seed of the order of images (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--cache",
      defaultValue = "${sys:java.io.tmpdir}",
      paramLabel = "DIR",
      description =
          "Local folder that keeps the features while the command runs (default:"
              + " ${DEFAULT-VALUE}).")
  private Path cache;

  @Override
  public Integer call() throws Exception {
    OptionalInt size = batch == null ? OptionalInt.empty() : OptionalInt.of(batch);
    new ProbeRun(evaluation.request(), new ProbeConfig(epochs, size, rates, seed, cache))
        .run(tool.config(), tool.say());
    return CommandOutcome.DONE;
  }
}
