package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.gpu.GpuSetup;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gpu}: makes training on a GPU possible on this machine. */
@Command(
    name = "gpu",
    description =
        "Looks at driver and card, fetches libtorch for CUDA once (2.5 GB), and tries it out.",
    mixinStandardHelpOptions = true)
final class GpuCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--library",
      paramLabel = "PATH",
      description = "Uses torch/lib of an installed PyTorch instead of fetching.")
  private Path library;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Takes the jars from a folder instead of fetching them.")
  private Path from;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      description = "Fetches from this Maven repository (default: the one that Maven uses).")
  private String repository;

  @Option(
      names = "--without-gpu",
      description = "Goes on where no driver is, as for the image of another machine.")
  private boolean withoutGpu;

  @Override
  public Integer call() throws Exception {
    new GpuSetup(spec.commandLine().getOut())
        .run(
            new GpuSetup.Wish(
                Optional.ofNullable(library),
                Optional.ofNullable(from),
                Optional.ofNullable(repository),
                withoutGpu));
    return CommandOutcome.DONE;
  }
}
