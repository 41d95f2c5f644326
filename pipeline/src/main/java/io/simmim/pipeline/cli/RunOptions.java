package io.simmim.pipeline.cli;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.job.TrainingRun;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What all commands have that train: a configuration, an output, and how to go on with it. */
final class RunOptions {
  @Option(
      names = "--output",
      paramLabel = "URI",
      description = "Folder for checkpoints, metrics and model.")
  private String output;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "Configuration to start from; `presets` lists them.")
  private String preset;

  @Option(names = "--config", paramLabel = "FILE", description = "YAML that changes the preset.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as training.epochs=100. May be repeated.")
  private List<String> assignments = List.of();

  @Option(
      names = "--resume",
      paramLabel = "latest|none|PATH",
      defaultValue = "latest",
      description =
          "What a run onto an existing output begins with: its newest checkpoint (default),"
              + " nothing, or a given checkpoint or savepoint.")
  private String resume;

  @Option(
      names = "--force",
      description =
          "Takes the output over from another run that still seems to write to it; that run ends.")
  private boolean force;

  /**
   * Refuses a preset that is not for what is to be trained.
   *
   * @throws UserError if it is one of a fine-tuning
   */
  void requirePretraining() {
    if (preset != null) {
      Presets.requirePretraining(preset);
    }
  }

  /** Adds preset, file, single keys, input and output, the later ones on top. */
  void addTo(ConfigLoader loader, List<String> input) {
    if (preset != null) {
      loader.preset(preset);
    }
    addKeys(loader);
    if (!input.isEmpty()) {
      loader.input(input);
    }
    if (output != null) {
      loader.output(output);
    }
  }

  /** Adds what the user writes himself: a file and single keys. */
  ConfigLoader addKeys(ConfigLoader loader) {
    if (file != null) {
      loader.file(file);
    }
    return loader.set(assignments);
  }

  /**
   * The run.
   *
   * @param say takes lines for people
   */
  TrainingRun run(ConfigLoader.Loaded loaded, Consumer<String> say) {
    return new TrainingRun(
        loaded, resumeChoice(), force ? Takeover.BY_FORCE : Takeover.IF_DEAD, say);
  }

  private Resume resumeChoice() {
    try {
      return Resume.parse(resume);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
