package io.simmim.pipeline.cli.plan;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.estimate.Estimator;
import io.simmim.pipeline.estimate.Estimator.Candidate;
import io.simmim.schemas.UserError;
import io.simmim.trainer.device.TrainingSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code estimate}: what a run is going to take, before it starts. */
@Command(
    name = "estimate",
    description =
        "Says what a run is going to take: hours, cores, requests, disk and memory, measured on a"
            + " sample of the images.",
    mixinStandardHelpOptions = true)
public final class EstimateCommand implements Callable<Integer> {
  private static final String DEFAULTS = "defaults";

  @Spec private CommandSpec spec;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images: folders, files or tar shards on any Flink file system.")
  private List<String> input;

  @Option(
      names = "--preset",
      split = ",",
      paramLabel = "NAME",
      description = "Configuration to start from; several stand side by side.")
  private List<String> presets = List.of();

  @Option(names = "--config", paramLabel = "FILE", description = "YAML that changes the presets.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as training.epochs=100. May be repeated.")
  private List<String> assignments = List.of();

  @Option(
      names = "--device",
      paramLabel = "cpu|gpu0",
      description = "Where the model is trained (default: as configured).")
  private String device;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "How long each measurement takes, of which there are two for each preset (default:"
              + " ${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1) {
      throw new UserError("--seconds must be at least 1: " + seconds);
    }
    if (device != null) {
      requireDevice();
    }
    List<Candidate> candidates = new ArrayList<>();
    for (String preset : presets.isEmpty() ? List.of(DEFAULTS) : presets) {
      candidates.add(new Candidate(preset, config(preset)));
    }
    PrintWriter out = spec.commandLine().getOut();
    new Estimator(
            candidates,
            seconds,
            line -> {
              out.println(line);
              out.flush();
            })
        .run();
    return CommandOutcome.DONE;
  }

  private void requireDevice() {
    try {
      TrainingSettings.requireDevice(device);
    } catch (IllegalArgumentException e) {
      throw new UserError("--device must be cpu or gpu0, gpu1 …: " + device, e);
    }
  }

  private SimmimConfig config(String preset) {
    Presets.requirePretraining(preset);
    ConfigLoader loader = new ConfigLoader();
    if (!presets.isEmpty()) {
      loader.preset(preset);
    }
    if (file != null) {
      loader.file(file);
    }
    loader.set(assignments).input(input);
    if (device != null) {
      loader.set(List.of("training.device=" + device));
    }
    return loader.load().config();
  }
}
