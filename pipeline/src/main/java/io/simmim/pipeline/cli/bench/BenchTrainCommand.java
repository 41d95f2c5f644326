package io.simmim.pipeline.cli.bench;

import io.simmim.pipeline.bench.BenchedModel;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.Limits;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.bench.TrainBench;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.torch.Processor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench train}: milliseconds per training step of a preset's model, or of the classifier of
 * a fine-tuning's.
 */
@Command(
    name = "train",
    description =
        "Milliseconds per training step of a preset's model on random images; of a fine-tuning's,"
            + " of a classifier of 1000 classes, with mixing and erasing.",
    mixinStandardHelpOptions = true)
final class BenchTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--preset", required = true, paramLabel = "NAME", description = "The model.")
  private String preset;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Images per step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--steps",
      defaultValue = "5",
      description = "Timed steps, after a warm-up (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|bf16",
      description = "Arithmetic of the step (default: ${DEFAULT-VALUE}).")
  private String precision;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "Threads of libtorch (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one setting of the preset; repeatable.")
  private List<String> settings = List.of();

  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "cpu, or gpu0 and so on (default: ${DEFAULT-VALUE}).")
  private String device;

  @Override
  public Integer call() {
    Limits.requireAtLeast("--batch", 1, batch);
    Limits.require("--steps", steps, 1, TrainBench.MOST_STEPS);
    Limits.require("--threads", threads, 1, Limits.MOST_THREADS);
    List<String> changes = new ArrayList<>();
    changes.add("training.precision=" + precision);
    changes.add("training.threads=" + threads);
    changes.add("training.device=" + device);
    changes.addAll(settings);
    BenchedModel model = BenchedModel.of(preset, changes, batch);
    TrainingSettings measured = model.learner().settings();
    measured
        .slownessOn(Processor.current())
        .ifPresent(line -> spec.commandLine().getOut().println(line));
    TrainBench.Result result;
    try (TrainBench bench = model.open()) {
      result = bench.run(batch, steps);
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s, batch %d, %s on %s, %d threads, loss %.4f%nmedian %.1f ms/step, %.2f img/s%n",
            preset,
            batch,
            KebabCase.of(measured.precision()),
            measured.device(),
            measured.threads(),
            result.loss(),
            result.medianMillis(),
            result.imagesPerSecond());
    return CommandOutcome.DONE;
  }
}
