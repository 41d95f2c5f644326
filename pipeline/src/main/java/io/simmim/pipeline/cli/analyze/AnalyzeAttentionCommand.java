package io.simmim.pipeline.cli.analyze;

import io.simmim.pipeline.analyze.AttentionAnalysis;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ModelOptions;
import io.simmim.pipeline.cli.common.ThreadOptions;
import io.simmim.pipeline.cli.common.ToolOptions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code analyze attention}: what the heads of a model look at, as a table and as pictures. */
@Command(
    name = "attention",
    description =
        "How far and how widely the heads of each layer of a model look, how much they differ, and"
            + " where patches look on average: a table and pictures.",
    mixinStandardHelpOptions = true)
final class AnalyzeAttentionCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images: files, folders or tar shards on any Flink file system.")
  private List<String> input;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the table and the pictures.")
  private String to;

  @Option(
      names = "--images",
      defaultValue = "256",
      paramLabel = "N",
      description = "Most images, spread evenly over the input (default: ${DEFAULT-VALUE}).")
  private int images;

  @Mixin private ThreadOptions threads;

  @Override
  public Integer call() throws Exception {
    new AttentionAnalysis(model.model(), input, to, images, threads.threads(), model.device())
        .run(tool.config(), tool.say());
    return CommandOutcome.DONE;
  }
}
