package io.simmim.pipeline.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.gpu.NvidiaMachine.Card;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaMachineTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private String tool(String script) throws IOException {
    Path file = folder.resolve("nvidia-smi");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  private Path files() throws IOException {
    Path card = Files.createDirectories(folder.resolve("nvidia/gpus/0000:01:00.0"));
    Files.writeString(
        folder.resolve("nvidia/version"),
        """
        NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.90.07  Release Build
        GCC version:  gcc version 12.2.0
        """);
    Files.writeString(card.resolve("information"), "Model: \t\t NVIDIA L4\nIRQ:   \t\t 130\n");
    return folder.resolve("nvidia");
  }

  @Test
  void asksTheTool() throws Exception {
    String tool =
        tool(
            """
            echo '550.90.07, 9.0, 81559, NVIDIA H100 80GB HBM3'
            echo '550.90.07, [N/A], [N/A], Tesla, the old one'
            """);

    assertThat(NvidiaMachine.look(tool, folder, PATIENCE))
        .isEqualTo(
            new NvidiaMachine(
                Optional.of("550.90.07"),
                List.of(
                    new Card("NVIDIA H100 80GB HBM3", "9.0", 81559),
                    new Card("Tesla, the old one", "", -1)),
                ""));
  }

  @Test
  void readsTheFilesOfTheDriverWhereTheToolIsNot() throws Exception {
    assertThat(NvidiaMachine.look(folder.resolve("none").toString(), files(), PATIENCE))
        .isEqualTo(
            new NvidiaMachine(
                Optional.of("550.90.07"), List.of(new Card("NVIDIA L4", "", -1)), ""));
  }

  @Test
  void findsNothingWhereNothingIs() throws Exception {
    assertThat(NvidiaMachine.look(folder.resolve("none").toString(), folder, PATIENCE))
        .isEqualTo(new NvidiaMachine(Optional.empty(), List.of(), ""));
  }

  @Test
  void tellsWhatTheToolAnswersInstead() throws Exception {
    String tool =
        tool("echo 'NVIDIA-SMI has failed because it could not reach the driver.'; exit 9");

    assertThat(NvidiaMachine.look(tool, folder, PATIENCE).trouble())
        .isEqualTo("NVIDIA-SMI has failed because it could not reach the driver.");
  }

  /** Its child holds on to what it prints, as a tool does that the kernel cannot end. */
  @Test
  void tellsThatTheToolStandsStill() throws Exception {
    String tool = tool("sleep 20\necho late");

    assertThat(NvidiaMachine.look(tool, folder, Duration.ofSeconds(1)))
        .isEqualTo(new NvidiaMachine(Optional.empty(), List.of(), "no answer within 1 s"));
  }
}
