package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.export.ExportFormat;
import io.simmim.pipeline.export.ExportSource;
import io.simmim.pipeline.export.ModelConversion;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.KebabCase;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code export}: writes a model for other libraries. */
@Command(
    name = "export",
    description = "Writes a model as transformers or timm load it, or under its official names.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "PATH",
      description =
          "Output of a run, folder of a model in any of the formats, checkpoint or savepoint.")
  private String from;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "simmim|huggingface|timm",
      description = "Whose names and configuration are written.")
  private String format;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Folder that is written.")
  private String to;

  @Option(
      names = "--tensors",
      paramLabel = "FILE",
      description = "File for some images and what the model makes of them (safetensors).")
  private Path tensors;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as flink.s3.endpoint=URL. May be repeated.")
  private List<String> assignments = List.of();

  @Override
  public Integer call() throws Exception {
    ExportFormat layout =
        KebabCase.find(ExportFormat.class, format)
            .orElseThrow(
                () -> new UserError("--format must be simmim, huggingface or timm: " + format));
    SimmimConfig config = new ConfigLoader().set(assignments).load().config();
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    try (ExportSource source = ExportSource.find(from)) {
      spec.commandLine()
          .getOut()
          .println(
              RunFolder.readable(
                  new ModelConversion(source.model(), layout, to, Optional.ofNullable(tensors))
                      .run()));
    }
    return CommandOutcome.DONE;
  }
}
