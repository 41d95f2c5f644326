package io.simmim.pipeline.cli.show;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.report.html.PageFrame;
import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.html.RunsPage;
import io.simmim.pipeline.report.serve.ReportServer;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code report}: what happened in runs, as one page or as one that is renewed. */
@Command(
    name = "report",
    description =
        "Writes one HTML file that tells of a run: finished, under way or killed. The run is not"
            + " touched. Of several runs the page shows them side by side.",
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  private static final String ANY_PORT = "0";

  @Mixin private ToolOptions tool;

  @Parameters(
      paramLabel = "OUTPUT",
      arity = "1..*",
      description =
          "Outputs of runs, on any Flink file system; with --serve also folders of outputs.")
  private List<String> outputs;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "The page (default: report.html in the current folder).")
  private String to;

  @Option(
      names = "--serve",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = ANY_PORT,
      parameterConsumer = PortIfNumber.class,
      description =
          "Serves the page on this machine instead, and renews it while runs go on; without a PORT"
              + " on any that is free. Ctrl-C ends it.")
  private Integer port;

  /** What follows {@code --serve} may be an output as well. */
  private static final class PortIfNumber implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      boolean isPort = !words.isEmpty() && words.peek().matches("[0-9]{1,5}");
      option.setValue(Integer.valueOf(isPort ? words.pop() : ANY_PORT));
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    SimmimConfig config = tool.config();
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    if (port != null) {
      return serve();
    }
    List<RunReport> reports =
        outputs.stream().map(output -> RunReader.read(output, Clock.systemUTC())).toList();
    String file = to == null ? "report.html" : to;
    write(file, page(reports));
    tool.say().accept(file);
    return CommandOutcome.DONE;
  }

  private static String page(List<RunReport> reports) {
    if (reports.size() == 1) {
      return ReportPage.of(reports.get(0));
    }
    return RunsPage.of(
        PageFrame.FILE,
        reports.stream().map(it -> new RunsPage.Entry(it.output(), it, false)).toList());
  }

  private static void write(String to, String page) {
    try {
      Path file = StorageUri.path("--to", to);
      WholeFile.write(file, page.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--to must be a file that can be written: %s (%s)"
              .formatted(to, StorageFailure.reason(e)),
          e);
    }
  }

  private int serve() throws InterruptedException {
    if (to != null) {
      throw new UserError("--to and --serve exclude each other: --to " + to);
    }
    try (ReportServer server = ReportServer.start(outputs, port)) {
      tool.say().accept("report: " + server.address() + " (Ctrl-C ends it)");
      new CountDownLatch(1).await();
      return CommandOutcome.DONE;
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--serve must be a port that is free, 0 for any: %d (%s)".formatted(port, e.getMessage()),
          e);
    }
  }
}
