package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ModelOptions;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.embed.FeatureKind;
import io.simmim.pipeline.embed.RowFormat;
import io.simmim.pipeline.job.EmbedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code embed}: the features of images as rows of files. */
@Command(
    name = "embed",
    description =
        "Writes a model's features of images to files, each image once; continues what is in the"
            + " output.",
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images: files, folders or tar shards on any Flink file system.")
  private List<String> input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "Folder for the rows, rejected images and checkpoints.")
  private String output;

  @Option(
      names = "--format",
      defaultValue = "parquet",
      paramLabel = "parquet|jsonl",
      description = "Of the files (default: ${DEFAULT-VALUE}).")
  private RowFormat format;

  @Option(
      names = "--features",
      defaultValue = "mean",
      paramLabel = "mean|class|map",
      description =
          "The mean of all cells, the class token, or a vector for each cell (default:"
              + " ${DEFAULT-VALUE}).")
  private FeatureKind features;

  @Option(names = "--follow", description = "Embeds images as they arrive under --input.")
  private boolean follow;

  @Option(
      names = "--events",
      paramLabel = "URI",
      description =
          "Embeds images as S3 notifications tell of them, in%nkafka://HOST:PORT/TOPIC or%n"
              + "sqs://REGION/ACCOUNT/QUEUE.")
  private String events;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as parallelism=8. May be repeated.")
  private List<String> assignments = List.of();

  @Override
  public Integer call() throws Exception {
    List<String> continuous = new ArrayList<>();
    if (follow) {
      continuous.add("continuous.follow=true");
    }
    if (events != null) {
      continuous.add("continuous.events=" + events);
    }
    if (!continuous.isEmpty()) {
      continuous.add("continuous.replay-share=0");
    }
    ConfigLoader loader =
        new ConfigLoader().set(assignments).set(continuous).input(input).output(output);
    new EmbedRun(loader.load(), model.model(), features, format, model.device())
        .run(CommandLineInterface.place(spec), spec.commandLine().getOut()::println);
    return CommandOutcome.DONE;
  }
}
