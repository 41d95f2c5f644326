package io.simmim.pipeline.cli;

import io.simmim.pipeline.catalog.ImageList;
import io.simmim.pipeline.catalog.ImageLists;
import io.simmim.pipeline.cli.common.CommandGroup;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.run.StoredImages;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code catalog}: what is in the list of images that a run keeps, and what was trained on when.
 */
@Command(
    name = "catalog",
    description = "Lists, counts or verifies the images of a run.",
    mixinStandardHelpOptions = true)
final class CatalogCommand extends CommandGroup {
  CatalogCommand() {
    super("what to do");
  }

  @Command(
      name = "list",
      description =
          "A line per image: number, bytes, name; of a continuous run also when it came, the step"
              + " that has it as a new one, version and origin.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Stored images,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "9223372036854775807",
              description = "Lines at most.")
          long limit) {
    if (limit < 0) {
      throw new UserError("--limit must be at least 0: " + limit);
    }
    return show(images, (list, out) -> list.list(out, limit));
  }

  @Command(
      name = "count",
      description = "How many images there are, usable, deleted, trained on and waiting.",
      mixinStandardHelpOptions = true)
  int count(@Mixin Stored images) {
    return show(images, ImageList::count);
  }

  @Command(
      name = "verify",
      description = "Reads everything, compares digests, also with the newest checkpoint.",
      mixinStandardHelpOptions = true)
  int verify(@Mixin Stored images) {
    return show(images, ImageList::verify);
  }

  private int show(Stored images, BiConsumer<ImageList, PrintWriter> what) {
    PrintWriter out = spec.commandLine().getOut();
    what.accept(images.read(), out);
    out.flush();
    return CommandOutcome.DONE;
  }

  /** Which list of images is meant. */
  static final class Stored {
    @Parameters(
        paramLabel = "PATH",
        description =
            "Output of a run, its file catalog, or its folder arrivals, on any Flink file system.")
    private String path;

    @Mixin private ToolOptions tool;

    private ImageList read() {
      return ImageLists.of(StoredImages.read(path, tool.config()));
    }
  }
}
