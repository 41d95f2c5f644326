package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.OtherDigits;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.sink.stored.StoredLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentedJsonLinesTest {
  /** So long that six lines make a file long enough. */
  private static final String FILLING = "x".repeat(SegmentedJsonLines.LONG_ENOUGH_BYTES / 6);

  @TempDir private Path folder;

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  @Test
  void writesTheLastFileAgainUntilItIsLongEnough() throws IOException {
    try (JsonLines lines = open("oss", LinePosition.START)) {
      for (int step = 1; step <= 14; step++) {
        lines.append(line(step));
        lines.sync();
        lines.sync();
      }
      lines.append(line(15));
    }

    assertThat(files()).containsExactly("00000000.jsonl", "00000001.jsonl", "00000002.jsonl");
    assertThat(steps()).isEqualTo(steps(1, 14));
  }

  @Test
  @ExtendWith(OtherDigits.class)
  void readersFindItsFilesWhateverTheLanguageOfTheMachine() throws IOException {
    try (JsonLines lines = open("oss", LinePosition.START)) {
      lines.append("{\"step\":1}");
      lines.sync();
    }

    assertThat(files()).containsExactly("00000000.jsonl");
    assertThat(steps()).isEqualTo(steps(1, 1));
  }

  @Test
  void dropsWhatWasWrittenAfterTheCheckpoint() throws IOException {
    List<LinePosition> positions = new ArrayList<>();
    try (JsonLines lines = open("oss", LinePosition.START)) {
      for (int step = 1; step <= 20; step++) {
        lines.append(line(step));
        lines.sync();
        positions.add(lines.position(step));
      }
    }

    for (int step = 19; step >= 1; step--) {
      try (JsonLines lines = open("oss", positions.get(step - 1))) {
        assertThat(steps()).isEqualTo(steps(1, step));
        assertThat(lines.position(step)).isEqualTo(positions.get(step - 1));
      }
    }
    try (JsonLines lines = open("oss", positions.get(0))) {
      lines.append(line(2));
      lines.sync();
    }
    assertThat(steps()).isEqualTo(steps(1, 2));
  }

  /** A run of weeks restarts as fast as one of minutes. */
  @Test
  void opensOneFileOfAThousand() throws IOException {
    LinePosition position = LinePosition.START;
    for (int segment = 0; segment < 1000; segment++) {
      Files.writeString(
          folder.resolve("%08d.jsonl".formatted(segment)), "{\"step\":%d}\n".formatted(segment));
    }
    try (JsonLines lines = open("oss", LinePosition.START)) {
      lines.append("{\"step\":999}");
      lines.sync();
      LinePosition first = lines.position(999);
      position = new LinePosition(999, 999, first.bytes(), first.tail());
    }
    for (int segment = 0; segment < 1002; segment++) {
      Files.writeString(
          folder.resolve("%08d.jsonl".formatted(segment)), "{\"step\":%d}\n".formatted(segment));
    }
    BrittleFileSystem.heal();

    open("oss", position).close();

    assertThat(BrittleFileSystem.opened()).isEqualTo(1);
    assertThat(BrittleFileSystem.listed()).isEqualTo(1);
    assertThat(BrittleFileSystem.operations()).isLessThan(10);
    assertThat(files()).hasSize(1000);
  }

  /** One file for each checkpoint would be 86,400 of them in 30 days of one every 30 seconds. */
  @Test
  void hasFewFilesForManyCheckpoints() throws IOException {
    long written = 0;
    try (JsonLines lines = open("oss", LinePosition.START)) {
      for (int step = 1; step <= 2000; step++) {
        String line = "{\"step\":%d,\"more\":\"%s\"}".formatted(step, "y".repeat(2000));
        lines.append(line);
        lines.sync();
        written += line.length() + 1;
      }
    }

    assertThat(files())
        .hasSizeLessThanOrEqualTo((int) (written / SegmentedJsonLines.LONG_ENOUGH_BYTES) + 1);
    assertThat(steps()).isEqualTo(steps(1, 2000));
  }

  /** Killed before any operation of storage, and restarted from the newest or an older state. */
  @ParameterizedTest
  @ValueSource(strings = {"oss", "hdfs"})
  void hasEachLineOnceAfterAKillBetweenAnyTwoOperations(String scheme) throws IOException {
    for (int operations = 0; ; operations++) {
      List<LinePosition> checkpoints = new ArrayList<>(List.of(LinePosition.START));
      BrittleFileSystem.failAfter(operations);
      boolean killed = !writes(scheme, checkpoints, 10);
      BrittleFileSystem.heal();
      if (killed && operations % 3 == 0 && checkpoints.size() > 2) {
        checkpoints.remove(checkpoints.size() - 1); // as with --resume PATH of an older one
        BrittleFileSystem.failAfter(operations % 7);
        writes(scheme, checkpoints, 4);
        BrittleFileSystem.heal();
      }

      assertThat(writes(scheme, checkpoints, 13)).isTrue();

      assertThat(steps()).as("killed at operation %d", operations).isEqualTo(steps(1, 13));
      assertThat(files()).allMatch(name -> name.matches("0000000[0-2].jsonl"));
      if (!killed) {
        return;
      }
      JsonLines.begin(path(scheme)).close();
    }
  }

  /** Killed between the two steps, and restarted from a checkpoint before that file began. */
  @Test
  void readersFindNothingOfAFileThatWasAboutToBeReplaced() throws IOException {
    LinePosition position;
    try (JsonLines lines = open("hdfs", LinePosition.START)) {
      lines.append("{\"step\":1}");
      lines.sync();
      position = lines.position(1);
    }
    Files.writeString(folder.resolve("00000001.jsonl.next"), "{\"step\":2}\n");

    open("hdfs", position).close();

    List<String> found = new ArrayList<>();
    StoredLines.forEach(path("hdfs"), found::add);
    assertThat(found).containsExactly("{\"step\":1}");
  }

  @Test
  void readsAllIfTheFilesAreNotWhatTheyWere() throws IOException {
    List<LinePosition> checkpoints = new ArrayList<>(List.of(LinePosition.START));
    writes("oss", checkpoints, 14);
    LinePosition newest = checkpoints.get(checkpoints.size() - 1);
    Files.writeString(folder.resolve("00000002.jsonl"), "{\"step\":13}\n{\"step\":99}\n{\"st");

    try (JsonLines lines =
        JsonLines.open(path("oss"), newest, line -> step(line).orElse(99) <= 14)) {
      lines.append(line(15));
      lines.sync();
    }

    assertThat(steps())
        .isEqualTo(
            LongStream.of(
                    LongStream.concat(LongStream.rangeClosed(1, 13), LongStream.of(15)).toArray())
                .boxed()
                .toList());
  }

  @Test
  void failsIfStorageDoes() throws IOException {
    try (JsonLines lines = open("oss", LinePosition.START)) {
      lines.append(line(1));
      BrittleFileSystem.failAfter(0, "no such bucket");

      assertThatThrownBy(lines::sync).isInstanceOf(IOException.class).hasMessage("no such bucket");
    }
  }

  /**
   * Goes on from the newest checkpoint to a step, with a checkpoint after each; false if killed.
   */
  private boolean writes(String scheme, List<LinePosition> checkpoints, int last) {
    LinePosition newest = checkpoints.get(checkpoints.size() - 1);
    try (JsonLines lines = open(scheme, newest)) {
      for (int step = (int) newest.records() + 1; step <= last; step++) {
        lines.append(line(step));
        lines.sync();
        checkpoints.add(lines.position(step));
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private JsonLines open(String scheme, LinePosition position) throws IOException {
    return JsonLines.open(
        path(scheme),
        position,
        line -> {
          throw new AssertionError("no line needs to be read: " + line);
        });
  }

  private org.apache.flink.core.fs.Path path(String scheme) {
    return new org.apache.flink.core.fs.Path(scheme + "://" + folder);
  }

  private static String line(int step) {
    return "{\"step\":%d,\"filling\":\"%s\"}".formatted(step, FILLING);
  }

  private static OptionalLong step(String line) {
    return JsonText.number(line, JsonText.STEP);
  }

  private List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    for (String name : files()) {
      for (String line : Files.readAllLines(folder.resolve(name))) {
        steps.add(step(line).orElseThrow());
      }
    }
    return steps;
  }

  private static List<Long> steps(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".jsonl"))
          .sorted()
          .toList();
    }
  }
}
