package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.job.TrainingRun;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.Resume;
import io.simmim.pipeline.run.lease.Takeover;
import io.simmim.schemas.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finetune}: trains a classifier on labelled images, or continues to. */
@Command(
    name = "finetune",
    description =
        "Trains a model to tell the classes of images, and measures it after each epoch; continues"
            + " what is in the output.",
    mixinStandardHelpOptions = true)
final class FinetuneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Pre-trained model whose encoder it begins with: an exported folder, or the output of a"
              + " run. Without it, all weights are drawn.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "URI",
      arity = "1..*",
      description = "Images that it learns from: folders INPUT/CLASS/…, or tar shards.")
  private List<String> input = List.of();

  @Option(
      names = "--validation",
      paramLabel = "URI",
      arity = "1..*",
      description = "Images that it is measured on, in the same form.")
  private List<String> validation = List.of();

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

  @Override
  public Integer call() throws Exception {
    Place place = CommandLineInterface.place(spec);
    ConfigLoader loader = new ConfigLoader().finetuning();
    if (model != null) {
      ModelFolder folder = find(place);
      loader.model(folder.description().model().encoder(), folder.imageSize());
      loader.initFrom(model);
    }
    if (preset != null) {
      loader.preset(preset);
    }
    if (file != null) {
      loader.file(file);
    }
    loader.set(assignments);
    if (!input.isEmpty()) {
      loader.input(input);
    }
    if (!validation.isEmpty()) {
      loader.validation(validation);
    }
    if (output != null) {
      loader.output(output);
    }
    ConfigLoader.Loaded loaded = loader.load();
    if (!loaded.config().finetune().isOn()) {
      throw new UserError(
          "--validation is missing (allowed: folders or tar shards of images with classes)");
    }
    Takeover takeover = force ? Takeover.BY_FORCE : Takeover.IF_DEAD;
    new TrainingRun(loaded, resumeChoice(), takeover, spec.commandLine().getOut()::println)
        .run(place);
    return CommandOutcome.DONE;
  }

  private ModelFolder find(Place place) {
    if (place == Place.EMBEDDED) {
      ConfigLoader told = new ConfigLoader();
      if (file != null) {
        told.file(file);
      }
      ConfigLoader.Storage storage = told.set(assignments).storage();
      LocalFileSystems.initialize(storage.flink(), storage.fetch(), 1);
    }
    return ModelFolder.find(model);
  }

  private Resume resumeChoice() {
    try {
      return Resume.parse(resume);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
