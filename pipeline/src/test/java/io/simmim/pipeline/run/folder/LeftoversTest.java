package io.simmim.pipeline.run.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.files.BrittleFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
  private static final String KILLED = "checkpoints/" + "1".repeat(32);
  private static final String EMPTY = "checkpoints/" + "2".repeat(32);
  private static final String LAST = "checkpoints/" + "3".repeat(32);
  private static final String RENAMED = "checkpoints/" + "4".repeat(32);

  @TempDir private Path output;

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  @Test
  void deletesWhatWasNeverCompletedAndNothingElse() throws IOException {
    for (String file :
        List.of(
            KILLED + "/chk-3/state",
            KILLED + "/shared/x",
            EMPTY + "/taskowned/x",
            LAST + "/chk-9/state",
            "savepoints/savepoint-0a1b2c-0123456789ab/state",
            "run.json." + UUID.randomUUID() + ".tmp",
            "arrivals/1.log." + UUID.randomUUID() + ".tmp",
            // TensorBoard takes every file for events that has tfevents in its name.
            "runs/events.out.tfevents.1700000000.simmim." + UUID.randomUUID() + ".tmp",
            "runs/histograms/events.out.tfevents.1700000000.simmim." + UUID.randomUUID() + ".tmp",
            "runs/validation/events.out.tfevents.1700000000.simmim." + UUID.randomUUID() + ".tmp",
            "runs/watched/events.out.tfevents.1700000000.simmim." + UUID.randomUUID() + ".tmp")) {
      write(file);
    }
    List<String> kept =
        List.of(
            "arrivals/1.log",
            "checkpoints/best/_metadata",
            "checkpoints/resnet50/weights.pt",
            LAST + "/chk-8/_metadata",
            LAST + "/chk-8/state",
            LAST + "/shared/x",
            "notes.tmp",
            "run.json",
            "runs/events.out.tfevents.1700000000.simmim",
            RENAMED + "/best-100/_metadata",
            "savepoints/mine/notes",
            "savepoints/savepoint-good/_metadata",
            "savepoints/savepoint-of-mine/notes");
    for (String file : kept) {
      write(file);
    }

    Leftovers.delete(RunFolder.open(output.toString()));

    assertThat(files()).containsExactlyInAnyOrderElementsOf(kept);
    assertThat(output.resolve(KILLED)).doesNotExist();
  }

  /** A start that follows many kills asks for no more than one that follows a few. */
  @Test
  void looksAtFewFoldersAgainAfterManyKills() throws IOException {
    for (int kill = 0; kill < 300; kill++) {
      write("checkpoints/%032x/chk-1/state".formatted(kill));
    }
    write(LAST + "/chk-8/_metadata");
    RunFolder folder = RunFolder.open("oss://" + output);
    Leftovers.delete(folder);
    BrittleFileSystem.heal();

    assertThat(RestorePoint.all(folder)).hasSize(1);
    Leftovers.delete(folder);

    assertThat(BrittleFileSystem.operations()).isLessThan(12);
  }

  private void write(String file) throws IOException {
    Files.createDirectories(output.resolve(file).getParent());
    Files.writeString(output.resolve(file), file);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> output.relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
