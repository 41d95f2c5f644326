package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.ToolOptions;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.export.ExportFormat;
import io.simmim.pipeline.export.ExportSource;
import io.simmim.pipeline.export.ModelConversion;
import io.simmim.pipeline.export.ModelConversion.Written;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.KebabCase;
import io.simmim.schemas.text.PrintableText;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export}: writes a model for other libraries. */
@Command(
    name = "export",
    description = "Writes a model as transformers or timm load it, or under its official names.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Mixin private ToolOptions tool;

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

  @Override
  public Integer call() throws Exception {
    ExportFormat layout =
        KebabCase.find(ExportFormat.class, format)
            .orElseThrow(
                () -> new UserError("--format must be simmim, huggingface or timm: " + format));
    SimmimConfig config = tool.config();
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    try (ExportSource source = ExportSource.find(from)) {
      Written written =
          new ModelConversion(source.model(), layout, to, Optional.ofNullable(tensors)).run();
      if (!written.leftOut().isEmpty()) {
        tool.say()
            .accept(
                "left out, since %s has no place for it: %s"
                    .formatted(
                        written.architecture(),
                        PrintableText.of(String.join(", ", written.leftOut()))));
      }
      tool.say().accept(RunFolder.readable(written.folder()));
    }
    return CommandOutcome.DONE;
  }
}
