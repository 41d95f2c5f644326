package io.simmim.pipeline.cli;

import io.simmim.operators.image.ImageParity;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.parity.TrainerParity;
import io.simmim.trainer.torch.TorchDevice;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parity}: replays recordings of the reference implementation. */
@Command(
    name = "parity",
    description = "Replays recordings of the reference; exit code 1 if any result differs.",
    mixinStandardHelpOptions = true)
final class ParityCommand implements Callable<Integer> {
  private static final int NAME_WIDTH = 44;
  private static final int OUTCOME_WIDTH = 11;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "A folder with recordings.")
  private Path directory;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "cpu, or gpu0 and so on (default: ${DEFAULT-VALUE}).")
  private String device;

  private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);

  @Override
  public Integer call() throws Exception {
    if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
      throw new UserError("parity needs a readable folder with recordings: " + directory);
    }
    requireDevice();
    TrainerParity.run(directory, device).forEach(this::print);
    ImageParity.run(directory, this::print);
    if (counts.isEmpty()) {
      throw new UserError(
          "no recordings in %s (allowed: NAME.json with a config beside NAME.safetensors,"
                  .formatted(directory)
              + " lr_schedules.json, images.json, avg_dist.json, jpeg_bad)");
    }
    return counts.containsKey(Outcome.DIFFERS) ? CommandOutcome.FAILED : CommandOutcome.DONE;
  }

  private void requireDevice() {
    try {
      TrainingSettings.requireDevice(device);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
    TorchDevice.require(device);
  }

  private void print(ParityRow row) {
    PrintWriter out = spec.commandLine().getOut();
    counts.merge(row.outcome(), 1, Integer::sum);
    String difference =
        Double.isNaN(row.largestDifference())
            ? "-"
            : String.format(Locale.ROOT, "%.3g", row.largestDifference());
    out.println(
        "%s  %s  %-9s %s"
            .formatted(
                pad(row.name(), NAME_WIDTH),
                pad(KebabCase.of(row.outcome()), OUTCOME_WIDTH),
                difference,
                row.detail())
            .stripTrailing());
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }
}
