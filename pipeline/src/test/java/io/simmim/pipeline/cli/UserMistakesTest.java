package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.job.TrainingRun.Place;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users get wrong before a job is built. {@code UserMistakesITCase} has the launcher's. */
class UserMistakesTest {
  private static final int BATCH = 24;

  @TempDir private static Path work;
  private static Path images;
  @TempDir private Path output;
  private final StringWriter out = new StringWriter();

  @BeforeAll
  static void draw() throws IOException {
    images = work.resolve("images");
    Photographs.draw(images, 2 * BATCH);
  }

  @Test
  void noInput() {
    assertMisused(run(List.of("pretrain", "--output", output.toString())), "--input is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs,3,--epochs",
    "--set,mask.patch-size=28,28",
    "--set,mask.patchsize=28,mask.patchsize"
  })
  void argumentsThatAreWrong(String option, String value, String named) {
    assertMisused(pretrain(images, option, value), named);
  }

  @Test
  void folderThatIsNoCheckpoint() {
    assertMisused(pretrain(images, "--resume", images.toString()), images.toString());
  }

  @Test
  void inputsThatAreEmptyOrMissing() throws IOException {
    Path empty = Files.createDirectories(work.resolve("empty"));
    Path missing = work.resolve("missing");

    assertToldInOneLine(pretrain(empty), empty.toString());
    assertToldInOneLine(pretrain(missing), missing.toString());
    assertThat(output).as("as it was").isEmptyDirectory();
  }

  @Test
  void outputThatIsAFile() throws IOException {
    Path file = Files.createTempFile(work, "file", "");

    assertToldInOneLine(run(arguments(images, file.toString())), file.toString());
  }

  @Test
  void dataSetSmallerThanOneBatch() throws IOException {
    Path few = work.resolve("few");
    Photographs.draw(few, 5);

    assertToldInOneLine(pretrain(few), "fewer images than one batch of " + BATCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flink.rest.port", "flink.rest.bind-port"})
  void portOfTheWebUiThatIsTaken(String key) throws IOException {
    Path run = output.resolve("run");
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(other.getLocalPort());
      List<String> arguments = new ArrayList<>(arguments(images, run.toString()));
      arguments.addAll(List.of("--set", key + "=" + port, "--set", "report.port=-1"));

      CommandOutcome outcome = run(arguments);

      assertMisused(
          outcome,
          "%s must be a port that is free, or several such as 8081-8180 (0 = any): %s"
              .formatted(key, port));
      assertThat(run).as("as it was").doesNotExist();
    }
  }

  private static void assertMisused(CommandOutcome outcome, String named) {
    assertToldInOneLine(outcome, named);
    assertThat(outcome.exitCode()).isEqualTo(CommandOutcome.MISUSED);
  }

  private static void assertToldInOneLine(CommandOutcome outcome, String named) {
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.message().lines()).hasSize(1);
    assertThat(outcome.message()).contains(named).doesNotContain("Exception");
  }

  private static List<String> arguments(Path input, String output) {
    return List.of(
        "pretrain",
        "--input",
        input.toString(),
        "--output",
        output,
        "--preset",
        "vit-tiny",
        "--set",
        "training.micro-batch=" + BATCH);
  }

  private CommandOutcome pretrain(Path input, String... more) {
    List<String> arguments = new ArrayList<>(arguments(input, output.toString()));
    arguments.addAll(List.of(more));
    return run(arguments);
  }

  private CommandOutcome run(List<String> arguments) {
    return CommandLineInterface.run(
        arguments.toArray(String[]::new), Place.EMBEDDED, new PrintWriter(out, true));
  }
}
