package io.simmim.pipeline.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.simmim.pipeline.cli.common.CommandOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
  private static final CommandOutcome DONE = CommandOutcome.of(CommandOutcome.DONE);
  private static final Path FULL = Path.of("/dev/full");

  @Test
  void failsACommandWhoseResultFindsNoRoom() throws IOException {
    assumeThat(FULL).exists();
    try (OutputStream full = Files.newOutputStream(FULL)) {
      StandardOutput output = new StandardOutput(full);
      print(output);

      CommandOutcome outcome = output.checked(DONE, "catalog", "list");
      assertThat(outcome.exitCode()).isEqualTo(CommandOutcome.FAILED);
      assertThat(outcome.line())
          .isEqualTo("standard output cannot be written: No space left on device");
      assertThat(output.checked(DONE, "pretrain")).as("the model is there").isSameAs(DONE);
      CommandOutcome misused = CommandOutcome.of(CommandOutcome.MISUSED);
      assertThat(output.checked(misused, "catalog")).isSameAs(misused);
    }
  }

  @Test
  void leavesACommandAloneWhoseReaderHasSeenEnough() throws Exception {
    Process reader = new ProcessBuilder("sh", "-c", "exec <&-; echo closed; sleep 60").start();
    try {
      assertThat(reader.getInputStream().read()).isEqualTo('c');
      StandardOutput output = new StandardOutput(reader.getOutputStream());
      print(output);

      assertThat(output.checked(DONE, "catalog")).isSameAs(DONE);
    } finally {
      reader.destroyForcibly();
    }
  }

  @Test
  void writesAllBytes() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    StandardOutput output = new StandardOutput(written);
    print(output);

    assertThat(written.toString(UTF_8)).isEqualTo("a line\n");
    assertThat(output.checked(DONE)).isSameAs(DONE);
  }

  private static void print(OutputStream output) {
    PrintWriter writer = new PrintWriter(output, true, UTF_8);
    writer.print("a line\n");
    writer.flush();
  }
}
