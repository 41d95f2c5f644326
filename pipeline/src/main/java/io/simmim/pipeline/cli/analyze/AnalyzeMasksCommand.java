package io.simmim.pipeline.cli.analyze;

import io.simmim.operators.image.mask.SquarePlace;
import io.simmim.pipeline.analyze.MaskAnalysis;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code analyze masks}: AvgDist against mask ratio, as a table and as a picture. */
@Command(
    name = "masks",
    description =
        "AvgDist against mask ratio for every mask strategy and patch size (the paper's figure"
            + " 3(a)), as a table and as an SVG.",
    mixinStandardHelpOptions = true)
final class AnalyzeMasksCommand implements Callable<Integer> {
  private static final int LARGEST_SIZE = 1024;
  private static final int MOST_MASKS = 100_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--size",
      defaultValue = "192",
      description = "Side of the images in pixels (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--output",
      paramLabel = "FILE.svg",
      defaultValue = "simmim-masks.svg",
      description = "The picture (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--masks",
      defaultValue = "200",
      description = "Most masks per ratio (default: ${DEFAULT-VALUE}).")
  private int masks;

  @Option(
      names = "--square-place",
      paramLabel = "random|central",
      defaultValue = "random",
      description = "Where the region of strategy square is (default: ${DEFAULT-VALUE}).")
  private SquarePlace squarePlace;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the masks (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    if (size < 1 || size > LARGEST_SIZE) {
      throw new UserError("--size must be 1 to %d: %d".formatted(LARGEST_SIZE, size));
    }
    if (masks < 1 || masks > MOST_MASKS) {
      throw new UserError("--masks must be 1 to %d: %d".formatted(MOST_MASKS, masks));
    }
    if (!output.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new UserError("--output must be a .svg file: " + output);
    }
    Path folder = output.toAbsolutePath().getParent();
    if (Files.isDirectory(output) || folder == null || !Files.isWritable(folder)) {
      throw new UserError("--output must be a file in a folder that can be written: " + output);
    }
    MaskAnalysis analysis = analysis();
    PrintWriter out = spec.commandLine().getOut();
    analysis.print(out);
    out.flush();
    try {
      Files.writeString(output, analysis.svg());
    } catch (IOException e) {
      throw new UserError(
          "--output cannot be written: %s (%s)".formatted(output, e.getMessage()), e);
    }
    out.println("picture " + output.toAbsolutePath());
    out.flush();
    return CommandOutcome.DONE;
  }

  private MaskAnalysis analysis() {
    try {
      return MaskAnalysis.run(size, masks, squarePlace, seed);
    } catch (IllegalArgumentException e) {
      throw new UserError("--" + e.getMessage(), e);
    }
  }
}
