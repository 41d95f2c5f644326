package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
  @TempDir private Path parent;

  @Test
  void removesWhatProcessesThatHaveEndedLeft() throws IOException {
    Path abandoned = ScratchFolder.create(parent);
    Files.writeString(abandoned.resolve("library.jar"), "large");
    Path living = ScratchFolder.create(parent);
    Path unknown = Files.createDirectory(parent.resolve("simmim-scratch-unknown"));
    Files.writeString(parent.resolve("notes"), "the user's");
    List<String> owner = Files.readAllLines(abandoned.resolve("process"));
    Files.write(
        abandoned.resolve("process"), List.of(owner.get(0), owner.get(1), "1")); // another start

    Path own = ScratchFolder.create(parent);

    assertThat(abandoned).doesNotExist();
    assertThat(List.of(living, unknown, parent.resolve("notes"), own))
        .allSatisfy(path -> assertThat(path).exists());
    ScratchFolder.remove(own);
    assertThat(own).doesNotExist();
  }
}
