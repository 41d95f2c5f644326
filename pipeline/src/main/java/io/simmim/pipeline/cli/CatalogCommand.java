package io.simmim.pipeline.cli;

import io.simmim.pipeline.catalog.ImageList;
import io.simmim.pipeline.catalog.ImageLists;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.run.StoredImages;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code catalog}: what is in the list of images that a run keeps, and what was trained on when.
 */
@Command(
    name = "catalog",
    description = "Lists, counts or verifies the images of a run.",
    mixinStandardHelpOptions = true)
final class CatalogCommand implements Runnable {
  private static final String PATH =
      "Output of a run, its file catalog, or its folder arrivals, on any Flink file system.";
  private static final String SET =
      "Changes one key, such as flink.s3.endpoint=URL. May be repeated.";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "catalog needs what to do (allowed: %s)"
            .formatted(String.join(", ", spec.subcommands().keySet())));
  }

  @Command(
      name = "list",
      description =
          "A line per image: number, bytes, name; of a continuous run also when it came, the step"
              + " that trained on it as a new one, version and origin.",
      mixinStandardHelpOptions = true)
  int list(
      @Parameters(paramLabel = "PATH", description = PATH) String path,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "9223372036854775807",
              description = "Lines at most.")
          long limit,
      @Option(names = "--set", paramLabel = "key=value", description = SET)
          List<String> assignments) {
    if (limit < 0) {
      throw new UserError("--limit must be at least 0: " + limit);
    }
    PrintWriter out = spec.commandLine().getOut();
    images(path, assignments).list(out, limit);
    out.flush();
    return Outcome.DONE;
  }

  @Command(
      name = "count",
      description = "How many images there are, usable, deleted, trained on and waiting.",
      mixinStandardHelpOptions = true)
  int count(
      @Parameters(paramLabel = "PATH", description = PATH) String path,
      @Option(names = "--set", paramLabel = "key=value", description = SET)
          List<String> assignments) {
    PrintWriter out = spec.commandLine().getOut();
    images(path, assignments).count(out);
    out.flush();
    return Outcome.DONE;
  }

  @Command(
      name = "verify",
      description = "Reads everything, compares digests, also with the newest checkpoint.",
      mixinStandardHelpOptions = true)
  int verify(
      @Parameters(paramLabel = "PATH", description = PATH) String path,
      @Option(names = "--set", paramLabel = "key=value", description = SET)
          List<String> assignments) {
    PrintWriter out = spec.commandLine().getOut();
    images(path, assignments).verify(out);
    out.flush();
    return Outcome.DONE;
  }

  private static ImageList images(String path, List<String> assignments) {
    ConfigLoader loader = new ConfigLoader();
    loader.set(assignments == null ? List.of() : assignments);
    return ImageLists.of(StoredImages.read(path, loader.load().config()));
  }
}
