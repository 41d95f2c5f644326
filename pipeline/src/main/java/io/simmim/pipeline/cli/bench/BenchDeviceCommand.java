package io.simmim.pipeline.cli.bench;

import io.simmim.pipeline.bench.DeviceBench;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.Limits;
import io.simmim.schemas.UserError;
import io.simmim.trainer.bench.TrainBench;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.torch.TorchDevice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench device}: training steps of several models, in a given time. */
@Command(
    name = "device",
    description =
        "Times steps of several models on a device, and whether they repeat to the bit, as a"
            + " Markdown table; exit code 1 if they do not.",
    mixinStandardHelpOptions = true)
final class BenchDeviceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      defaultValue = "gpu0",
      description = "cpu, or gpu0 and so on (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--preset",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "vit-base-800ep,swin-base-800ep,swinv2-base-800ep",
      description = "The models (default: ${DEFAULT-VALUE}).")
  private List<String> presets;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "N",
      defaultValue = "64,128,256",
      description = "Images per step (default: ${DEFAULT-VALUE}).")
  private List<Integer> batches;

  @Option(
      names = "--steps",
      defaultValue = "10",
      description = "Timed steps, after a warm-up (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "Threads of libtorch; 0 = one per core (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--seconds",
      defaultValue = "150",
      description = "No measurement begins after this time (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() {
    batches.forEach(batch -> Limits.requireAtLeast("--batch", 1, batch));
    Limits.require("--steps", steps, 1, TrainBench.MOST_STEPS);
    Limits.require("--threads", threads, 0, Limits.MOST_THREADS);
    Limits.requireAtLeast("--seconds", 1, seconds);
    try {
      TrainingSettings.requireDevice(device);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
    TorchDevice.require(device);
    boolean same =
        DeviceBench.run(
            new DeviceBench.Plan(
                device, presets, batches, steps, threads, Duration.ofSeconds(seconds)),
            line -> {
              spec.commandLine().getOut().println(line);
              spec.commandLine().getOut().flush();
            });
    return same ? CommandOutcome.DONE : CommandOutcome.FAILED;
  }
}
