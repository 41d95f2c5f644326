package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.run.folder.StoredPoint;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run that is refused says, and what it leaves. */
class RefusedRunTest extends PreparedRunCase {
  private static final int LENGTH_AND_HEADER = 10;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.safetensors | 0 | the file has only 0 bytes",
        "model.safetensors | 9 | the header must have 2 to 1 bytes: 2",
        "config.json | 0 | it is no JSON object",
        "config.json | 1 | it is no JSON: Unexpected end-of-input: expected close marker for Object"
            + " (start marker at line 1, column 1) (line 1, column 2)"
      })
  void namesWhatIsDamagedInTheModelOfACompleteRun(String file, int length, String reason)
      throws IOException {
    prepare(LATEST);
    writeModel();
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.COMPLETE);
    Path damaged = output.resolve("model").resolve(file);
    Files.writeString(damaged, Files.readString(damaged).substring(0, length));

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "all steps are done, but the model is damaged: %s (%s); there is no checkpoint to write"
                + " it again from: take it from a copy of yours, or --resume none trains it again",
            damaged, reason);
    assertThat(damaged).as("the user's to delete").hasSize(length);
  }

  @Test
  void namesWhatWritesADamagedModelAgain() throws IOException {
    prepare(LATEST);
    writeModel();
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":4}\n");
    Path point = StoredPoint.write(output.resolve("savepoints/savepoint-1"), 1000);
    Path weights = output.resolve("model/model.safetensors");
    Files.write(weights, new byte[LENGTH_AND_HEADER]);

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "all steps are done, but the model is damaged: %s (the header must have 2 to 2 bytes: 0);"
                + " delete the folder %s, and the same command goes on from %s and writes it again",
            weights, output.resolve("model"), point);

    Files.delete(weights);
    PreparedRun again = prepare(LATEST);
    assertThat(again.state()).isEqualTo(PreparedRun.State.TO_RUN);
    assertThat(again.restore().map(found -> found.path().getPath())).hasValue(point.toString());
  }

  /** Else a job would try to write them again and again. */
  @ParameterizedTest
  @ValueSource(strings = {"metrics.jsonl", "rejected.jsonl", "checkpoints.jsonl", "progress.json"})
  void refusesAFolderWhereItsJobWritesAFile(String name) throws IOException {
    Path folder = Files.createDirectories(output.resolve(name));

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s in the output must be a file, and is a folder (move it away, or choose another"
                + " --output): %s",
            name, folder);
    assertThat(prepare(Resume.parse("none")).state())
        .as("it has been moved with what else there was of a run")
        .isEqualTo(PreparedRun.State.TO_RUN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "runs", "savepoints"})
  void refusesAFileWhereItsJobWritesAFolder(String name) throws IOException {
    Path file = Files.createDirectories(output).resolve(name);
    Files.writeString(file, "the user's");

    assertThatThrownBy(() -> prepare(LATEST))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s in the output must be a folder, and is a file (move it away, or choose another"
                + " --output): %s",
            name, file);
  }

  @Test
  void leavesNoOutputWhereThereWasNone() throws IOException {
    Path below = output.resolve("not/yet/there");
    Files.createDirectories(output);

    for (String tooMany : List.of("training.accumulation=3", "target.type=clusters")) {
      assertThatThrownBy(() -> prepare(LATEST, "output=" + below, tooMany))
          .isInstanceOf(UserError.class);
      assertThat(output).isEmptyDirectory();
    }
  }

  @Test
  void leavesWhatWasInAnOutputAndNothingElse() throws IOException {
    Files.createDirectories(output);
    Files.writeString(output.resolve("notes.txt"), "the user's");

    assertThatThrownBy(() -> prepare(LATEST, "training.accumulation=3"))
        .isInstanceOf(UserError.class);

    assertThat(names()).containsExactly("notes.txt");
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.TO_RUN);
  }

  @Test
  void leavesTheEarlierRunWhereItIsWhenStartingOverIsRefused() throws IOException {
    prepare(LATEST);
    writeModel();
    Files.writeString(output.resolve("notes.txt"), "the user's");
    List<String> before = names();
    byte[] record = Files.readAllBytes(output.resolve("run.json"));
    Resume none = Resume.parse("none");

    assertThatThrownBy(() -> prepare(none, "training.accumulation=3"))
        .isInstanceOf(UserError.class);
    assertThat(said)
        .satisfiesExactly(
            away -> assertThat(away).startsWith("moved the earlier run to "),
            back -> assertThat(back).isEqualTo("moved it back: the output is as it was"));
    assertThat(names()).isEqualTo(before);
    said.clear();
    String typo = folder.resolve("typo").toString();
    assertThatThrownBy(
            () -> Leases.prepare(configOf(List.of(typo)), none, Optional.empty(), said::add))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("input does not exist");
    assertThat(said).as("it is not moved to and fro").isEmpty();

    assertThat(names()).isEqualTo(before);
    assertThat(output.resolve("run.json")).hasBinaryContent(record);
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.COMPLETE);
  }

  /** An object store takes minutes to move a large run, and another client may wait for it. */
  @Test
  void givesSignsOfLifeWhileTheEarlierRunIsMovedBack() throws IOException {
    String store = "output=oss://" + output;
    prepare(LATEST, store);
    List<String> before = names();
    Path lock = output.resolve("run.lock");
    Set<String> moved = new TreeSet<>();
    BrittleFileSystem.beforeRenames(
        part -> {
          if (part.getParent().getName().startsWith("previous-")) {
            String then = read(lock);
            Awaitility.await().until(() -> !read(lock).equals(then));
            moved.add(part.getName());
          }
        });

    try {
      assertThatThrownBy(() -> prepare(Resume.parse("none"), store, "training.accumulation=3"))
          .isInstanceOf(UserError.class);
    } finally {
      BrittleFileSystem.heal();
    }
    assertThat(moved).contains("run.json", "catalog");
    assertThat(said).last().isEqualTo("moved it back: the output is as it was");
    assertThat(names()).isEqualTo(before);
    assertThat(read(lock)).as("given back").contains("\"free\":true");
  }

  /** Storage may go away in between. */
  @Test
  void saysWhereTheEarlierRunIsIfItCannotBeMovedBack() throws IOException {
    String store = "output=oss://" + output;
    prepare(LATEST, store);
    BrittleFileSystem.beforeRenames(
        part -> {
          if (part.getParent().getName().startsWith("previous-")) {
            BrittleFileSystem.failAfter(0, "gone");
          }
        });

    try {
      assertThatThrownBy(() -> prepare(Resume.parse("none"), store, "training.accumulation=3"))
          .isInstanceOf(UserError.class);
    } finally {
      BrittleFileSystem.heal();
    }
    assertThat(said)
        .last()
        .asString()
        .startsWith("it could not be moved back as a whole; the next start moves all of it to oss:")
        .endsWith(": gone");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void leavesARunAsItIs() throws IOException {
    prepare(LATEST);
    List<String> before = names();

    assertThatThrownBy(() -> prepare(LATEST, "encoder.depth=2")).isInstanceOf(UserError.class);

    assertThat(names()).isEqualTo(before);
    assertThat(prepare(LATEST).state()).isEqualTo(PreparedRun.State.TO_RUN);
  }

  /** Whoever submits a job is refused by what comes between that and the preparation. */
  @Test
  void canBeWithdrawnUntilAJobMayHaveWritten() throws IOException {
    PreparedRun run =
        PreparedRun.prepare(config(), LATEST, Optional.empty(), Leases.claim(), said::add);
    assertThat(output.resolve("run.json")).exists();
    run.lease().withdraw();
    assertThat(output).doesNotExist();

    run = PreparedRun.prepare(config(), LATEST, Optional.empty(), Leases.claim(), said::add);
    Files.writeString(output.resolve("metrics.jsonl"), "{\"step\":1}\n");
    run.lease().withdraw();
    assertThat(names()).contains("run.json", "catalog", "metrics.jsonl", "run.lock");
    assertThat(prepare(LATEST).state()).as("free again").isEqualTo(PreparedRun.State.TO_RUN);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
