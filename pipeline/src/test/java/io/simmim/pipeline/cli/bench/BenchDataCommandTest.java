package io.simmim.pipeline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchDataCommandTest {
  @TempDir private Path folder;

  @Test
  void refusesAFolderOfWhichNoImageCanBeUsed() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no JPEG");

    CommandResult result =
        InThisProcess.run(List.of("bench", "data", "--input", folder.toString(), "--size", "64"));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors())
        .startsWith("simmim: no image can be used: file:" + broken + ": ")
        .hasLineCount(1);
    assertThat(result.output()).isEmpty();
  }
}
