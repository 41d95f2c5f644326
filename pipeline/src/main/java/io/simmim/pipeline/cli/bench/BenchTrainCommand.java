package io.simmim.pipeline.cli.bench;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import io.simmim.trainer.bench.TrainBench;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.torch.Processor;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench train}: milliseconds per training step of a preset's model. */
@Command(
    name = "train",
    description = "Milliseconds per training step of a preset's model on random images.",
    mixinStandardHelpOptions = true)
final class BenchTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--preset", required = true, paramLabel = "NAME", description = "The model.")
  private String preset;

  @Option(names = "--batch", defaultValue = "8", description = "Images per step.")
  private int batch;

  @Option(names = "--steps", defaultValue = "5", description = "Timed steps, after a warm-up.")
  private int steps;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|bf16",
      description = "Arithmetic of the step.")
  private String precision;

  @Option(names = "--threads", defaultValue = "2", description = "Threads of libtorch.")
  private int threads;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one setting of the preset; repeatable.")
  private List<String> settings = List.of();

  @Option(names = "--device", defaultValue = "cpu", description = "cpu, or gpu0 and so on.")
  private String device;

  @Override
  public Integer call() {
    if (batch < 1 || steps < 1 || threads < 1) {
      throw new UserError(
          "--batch, --steps and --threads must be at least 1: %d, %d, %d"
              .formatted(batch, steps, threads));
    }
    SimmimConfig config =
        new ConfigLoader()
            .preset(preset)
            .set(settings)
            .set(
                List.of(
                    "training.precision=" + precision,
                    "training.threads=" + threads,
                    "training.device=" + device))
            .load()
            .config();
    // Which colours a target tells apart makes no difference to the time of a step.
    boolean clusters = config.target().type() == TargetType.CLUSTERS;
    TrainerConfig trainer =
        config.trainer(new ClusterColors(new float[clusters ? 3 * config.target().clusters() : 0]));
    trainer
        .settings()
        .slownessOn(Processor.current())
        .ifPresent(line -> spec.commandLine().getOut().println(line));
    int side = config.model().maskSide();
    int masked = config.mask().maskedPatches(side * side);
    TrainBench.Result result = TrainBench.run(trainer, masked, batch, steps);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s, batch %d, %s on %s, %d threads, loss %.4f%nmedian %.1f ms/step, %.2f img/s%n",
            preset,
            batch,
            precision,
            device,
            threads,
            result.loss(),
            result.medianMillis(),
            result.imagesPerSecond());
    return CommandOutcome.DONE;
  }
}
