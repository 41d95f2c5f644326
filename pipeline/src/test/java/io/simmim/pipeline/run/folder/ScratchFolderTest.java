package io.simmim.pipeline.run.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchFolderTest {
  private static final int SECONDS = 60;

  @TempDir private Path parent;

  @Test
  @Timeout(2 * SECONDS)
  void removesWhatProcessesThatHaveEndedLeft() throws Exception {
    Process other = new ProcessBuilder(command()).inheritIO().start();
    Path abandoned = parent.resolve("none");
    try {
      Awaitility.await().atMost(Duration.ofSeconds(SECONDS)).until(() -> Files.exists(made()));
      abandoned = Path.of(Files.readString(made()));
      ScratchFolder.create(parent).close();
      assertThat(abandoned.resolve("library.jar")).exists();
    } finally {
      other.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
    }
    try (ScratchFolder living = ScratchFolder.create(parent)) {
      assertThat(abandoned).doesNotExist();
      Path unknown = Files.createDirectory(parent.resolve("simmim-scratch-unknown"));

      ScratchFolder own = ScratchFolder.create(parent);

      assertThat(List.of(living.path(), unknown, made(), own.path()))
          .allSatisfy(path -> assertThat(path).exists());
      own.close();
      assertThat(own.path()).doesNotExist();
    }
  }

  @Test
  void saysInOneLineThatItCannotBeMade() throws IOException {
    Path none = parent.resolve("none");

    assertThatThrownBy(() -> ScratchFolder.create(none))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "cannot make a folder for temporary files in %s (TMPDIR names another place): %s"
                .formatted(none, none));
  }

  @ParameterizedTest
  @ValueSource(strings = {"user:1000", "a,b"})
  void refusesNamesThatFlinkTakesForSeveral(String name) throws IOException {
    Path several = Files.createDirectory(parent.resolve(name));

    assertThatThrownBy(() -> ScratchFolder.create(several))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot make a folder for temporary files in %s (TMPDIR names another place): Flink takes that for a list of folders, for its comma or colon"
                .formatted(several));
  }

  private Path made() {
    return parent.resolve("made");
  }

  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        Owner.class.getName(),
        parent.toString());
  }

  /** Has a folder until it is killed. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      Path parent = Path.of(args[0]);
      Path folder = ScratchFolder.create(parent).path();
      Files.writeString(folder.resolve("library.jar"), "large");
      Path said = Files.writeString(parent.resolve("said"), folder.toString());
      Files.move(said, parent.resolve("made"));
      Thread.currentThread().join();
    }
  }
}
