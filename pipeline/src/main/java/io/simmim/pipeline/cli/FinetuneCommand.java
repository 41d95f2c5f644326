package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.pipeline.run.LocalFileSystems;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private RunOptions options;

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

  @Override
  public Integer call() throws Exception {
    Place place = CommandLineInterface.place(spec);
    ConfigLoader loader = new ConfigLoader().finetuning();
    if (model != null) {
      loader.model(find(place).description().model());
      loader.initFrom(model);
    }
    options.addTo(loader, input);
    if (!validation.isEmpty()) {
      loader.validation(validation);
    }
    ConfigLoader.Loaded loaded = loader.requireValidation().load();
    options.run(loaded, spec.commandLine().getOut()::println).run(place);
    return CommandOutcome.DONE;
  }

  private ModelFolder find(Place place) {
    if (place == Place.EMBEDDED) {
      ConfigLoader.Storage storage = options.addKeys(new ConfigLoader()).storage();
      LocalFileSystems.initialize(storage.flink(), storage.fetch(), 1);
    }
    return ModelFolder.find(model);
  }
}
