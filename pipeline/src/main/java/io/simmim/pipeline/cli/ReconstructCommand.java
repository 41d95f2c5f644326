package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ModelOptions;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.reconstruct.MaskChoice;
import io.simmim.pipeline.reconstruct.Reconstruction;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reconstruct}: a picture of what a model makes of masked images. */
@Command(
    name = "reconstruct",
    description =
        "Draws what a model makes of masked images; rows: " + Reconstruction.ROWS_TEXT + ".",
    mixinStandardHelpOptions = true)
final class ReconstructCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "URI",
      description = "Images: files, folders or tar shards; the first ones are shown.")
  private List<String> input;

  @Option(names = "--to", required = true, paramLabel = "FILE.png", description = "The picture.")
  private String to;

  @Option(
      names = "--mask",
      defaultValue = "random",
      paramLabel = "random|center|most-of-object|FILE",
      description =
          "What is hidden: patches anywhere, a square in the middle, four of five patches of such a"
              + " square, or what a text file of 0 and 1 says (default: ${DEFAULT-VALUE}).")
  private String mask;

  @Option(
      names = "--ratio",
      paramLabel = "N",
      description =
          "Share of the image that is hidden (default: 0.6 with random, else 0.25); a file has its"
              + " own.")
  private Double ratio;

  @Option(
      names = "--images",
      defaultValue = "8",
      paramLabel = "N",
      description = "Most images, a column each (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Seed of random masks (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws Exception {
    OptionalDouble share = ratio == null ? OptionalDouble.empty() : OptionalDouble.of(ratio);
    new Reconstruction(
            model.model(), input, to, new MaskChoice(mask, share), images, seed, model.device())
        .run(tool.config(), tool.say());
    return CommandOutcome.DONE;
  }
}
