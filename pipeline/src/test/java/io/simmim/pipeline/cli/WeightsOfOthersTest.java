package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models in the layout of a library, with what no library writes. */
@Timeout(120)
class WeightsOfOthersTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private Path weights;

  @BeforeEach
  void write() throws IOException {
    TrainerConfig trainer =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(
                List.of(
                    "encoder.depth=1",
                    "encoder.embed-dim=24",
                    "encoder.absolute-position=true",
                    "encoder.relative-position-bias=none",
                    "training.threads=1"))
            .load()
            .config()
            .trainer(ClusterColors.NONE);
    Path model = folder.resolve("model");
    try (TrainingModel training = TrainingModel.create(trainer);
        StateSnapshot snapshot = training.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(model.toUri()), snapshot);
    }
    assertThat(export("model", "theirs").exitCode()).isZero();
    weights = folder.resolve("theirs/model.safetensors");
    out.getBuffer().setLength(0);
  }

  private CommandOutcome export(String from, String to) {
    return CommandLineInterface.run(
        new String[] {
          "export",
          "--from",
          folder.resolve(from).toString(),
          "--format",
          "huggingface",
          "--to",
          folder.resolve(to).toString()
        },
        Place.EMBEDDED,
        new PrintWriter(out, true));
  }

  @Test
  void valuesThatAreNotFiniteAreAMistakeOfTheFile() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - Float.BYTES, Float.NaN);
    Files.write(weights, bytes);

    CommandOutcome outcome = export("theirs", "again");

    assertThat(outcome.exitCode()).isEqualTo(CommandOutcome.MISUSED);
    assertThat(outcome.message())
        .startsWith(weights + " does not hold the weights of the model beside it:")
        .contains("weights must be finite: a value of ")
        .endsWith(" is NaN");
    assertThat(folder.resolve("again")).doesNotExist();
  }

  @Test
  void namesOfTensorsTellATerminalNothing() throws IOException {
    rename("decoder.0.bias", "head.\\u001bxxx");
    rename("decoder.0.weight", "head.\\u001bxxxxx");

    CommandOutcome outcome = export("theirs", "again");

    assertThat(outcome.line()).isEmpty();
    assertThat(out.toString()).contains("head.\\u{1b}xxx, ").doesNotContain("\u001b");
  }

  /** Within the header, which keeps its length. */
  private void rename(String name, String other) throws IOException {
    assertThat(other).hasSameSizeAs(name);
    String text = Files.readString(weights, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(name);
    Files.writeString(weights, text.replace(name, other), StandardCharsets.ISO_8859_1);
  }
}
