package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.apache.flink.core.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code report}: what happened in a run, as one page. */
@Command(
    name = "report",
    description =
        "Writes one HTML file that tells of a run: finished, under way or killed. The run is not"
            + " touched.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

  @Parameters(paramLabel = "OUTPUT", description = "Output of a run, on any Flink file system.")
  private String output;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "The page (default: ${DEFAULT-VALUE} in the current folder).")
  private String to;

  @Override
  public Integer call() {
    SimmimConfig config = tool.config();
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    String page = ReportPage.of(RunReader.read(output, Clock.systemUTC()));
    try {
      Path file = StorageUri.path("--to", to);
      WholeFile.write(file, page.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--to must be a file that can be written: %s (%s)"
              .formatted(to, StorageFailure.reason(e)),
          e);
    }
    tool.say().accept(to);
    return CommandOutcome.DONE;
  }
}
