package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import io.simmim.schemas.checkpoint.Reached;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // close() of a Flink writer may declare InterruptedException
class CheckpointSinkTest {
  @TempDir private Path folder;

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  @Test
  void writesWhatEachCheckpointTook() throws Exception {
    try (StatefulSinkWriter<CheckpointCost, LinePosition> writer =
        sink("file").createWriter(SinkTasks.one())) {
      writer.write(whole(3), null);
      writer.write(
          new CheckpointCost(
              4,
              true,
              41,
              2000,
              Duration.ofNanos(12_340_000),
              Optional.of(new Written(10, Duration.ZERO, Duration.ZERO)),
              Optional.empty()),
          null);
    }

    assertThat(file("file"))
        .hasContent(
            """
            {"checkpoint":3,"kind":"checkpoint","step":30,"bytes":1000,"seconds":1.5,"upload_seconds":0.25,"stall_seconds":0.002,"time":"1970-01-01T00:00:01Z"}
            {"checkpoint":4,"kind":"savepoint","step":41,"bytes":10,"seconds":0.0,"upload_seconds":0.0,"stall_seconds":0.0123,"time":"1970-01-01T00:00:02Z"}
            """);
  }

  @Test
  void refusesToBeOneOfSeveralWriters() {
    assertThatThrownBy(() -> sink("file").createWriter(SinkTasks.of(2)))
        .hasMessageStartingWith("the parallelism of what writes file.jsonl must be 1");
    assertThatThrownBy(() -> sink("file").restoreWriter(SinkTasks.of(2), List.of()))
        .hasMessageStartingWith("the parallelism of what writes file.jsonl must be 1");
  }

  /** By the trainer, while the writer may not be closed yet. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "oss", "hdfs"})
  void addsLinesBehindThoseOfAWriterThatIsAtItsEnd(String scheme) throws Exception {
    CheckpointSink sink = sink(scheme);
    try (StatefulSinkWriter<CheckpointCost, LinePosition> writer =
        sink.createWriter(SinkTasks.one())) {
      writer.write(whole(1), null);
      writer.flush(true);

      sink.append(List.of(whole(2), whole(3)));
      writer.snapshotState(3);
    }

    assertThat(lines(scheme))
        .containsExactly(JsonText.of(whole(1)), JsonText.of(whole(2)), JsonText.of(whole(3)));
    write(sink.reopen(2), begun(2), whole(3));
    assertThat(lines(scheme)).hasSize(4);
  }

  /** Its line is behind it, where others drop their lines. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "oss", "hdfs"})
  void keepsTheLineOfTheCheckpointThatARunGoesOnFrom(String scheme) throws Exception {
    write(sink(scheme).createWriter(SinkTasks.one()), whole(1), whole(2), whole(3));

    write(sink(scheme).reopen(3), begun(3), whole(4));

    assertThat(lines(scheme))
        .extracting(line -> JsonText.number(line, "checkpoint").orElseThrow())
        .containsExactly(1L, 2L, 3L, 3L, 4L);
    assertThat(lines(scheme).get(3))
        .startsWith(
            "{\"checkpoint\":3,\"kind\":\"restart\",\"step\":30,\"reached_step\":null,\"reached_time\":null,\"time\":\"");
    assertThat(lines(scheme)).noneMatch(line -> line.contains("\"bytes\":null"));
  }

  /**
   * It may fail again before the next checkpoint, and on object storage that is when lines go out.
   */
  @ParameterizedTest
  @ValueSource(strings = {"file", "oss", "hdfs"})
  void tellsAtOnceHowFarTheRunHadBeen(String scheme) throws Exception {
    write(sink(scheme).createWriter(SinkTasks.one()), whole(3));

    try (StatefulSinkWriter<CheckpointCost, LinePosition> writer = sink(scheme).reopen(3)) {
      writer.write(begun(3).after(Optional.of(new Reached(37, 5000))), null);

      assertThat(lines(scheme).get(1))
          .startsWith(
              "{\"checkpoint\":3,\"kind\":\"restart\",\"step\":30,\"reached_step\":37,\"reached_time\":\"1970-01-01T00:00:05Z\",\"time\":\"");
    }
    write(sink(scheme).reopen(3), begun(3), whole(4));
    assertThat(lines(scheme)).hasSize(4);
  }

  @Test
  void tellsOfEachRestart() throws Exception {
    write(sink("file").createWriter(SinkTasks.one()), whole(1));

    write(sink("file").reopen(1), begun(1));
    write(sink("file").reopen(1), begun(1), whole(2));
    write(sink("file").reopen(2), begun(2));

    assertThat(lines("file")).hasSize(5).filteredOn(line -> line.contains("restart")).hasSize(3);
  }

  /** As when the process ended before it heard of it. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "oss", "hdfs"})
  void writesWhatIsKnownOfACheckpointWhoseLineIsMissing(String scheme) throws Exception {
    write(sink(scheme).createWriter(SinkTasks.one()), whole(1), whole(2));

    write(sink(scheme).reopen(3), begun(3), whole(4));

    assertThat(lines(scheme)).hasSize(5);
    assertThat(lines(scheme).get(2)).startsWith("{\"checkpoint\":3,").contains("\"bytes\":null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "oss", "hdfs"})
  void dropsTheLinesOfAnotherCourse(String scheme) throws Exception {
    write(sink(scheme).createWriter(SinkTasks.one()), whole(1), whole(2), whole(3), whole(4));

    write(sink(scheme).reopen(2), begun(2), whole(3));

    assertThat(lines(scheme)).hasSize(4);
  }

  @Test
  void cutsALineThatAKillHasLeftHalf() throws Exception {
    write(sink("file").createWriter(SinkTasks.one()), whole(1));
    Files.writeString(file("file"), "{\"checkpoint\":2,", StandardOpenOption.APPEND);

    write(sink("file").reopen(2), begun(2), whole(3));

    assertThat(lines("file")).hasSize(4);
  }

  /** A file that does not replace another at once: killed before any operation of storage. */
  @ParameterizedTest
  @ValueSource(strings = {"oss", "hdfs"})
  void hasEachCheckpointOnceAfterAKillBetweenAnyTwoOperations(String scheme) throws Exception {
    for (int operations = 0; ; operations++) {
      JsonLines.begin(path(scheme)).close();
      write(sink(scheme).createWriter(SinkTasks.one()), whole(1));
      BrittleFileSystem.failAfter(operations);
      boolean killed = false;
      try {
        write(sink(scheme).reopen(1), whole(2));
      } catch (IOException e) {
        killed = true;
      }
      BrittleFileSystem.heal();

      write(sink(scheme).reopen(2), begun(2), whole(3));

      assertThat(lines(scheme)).as("killed at operation %d", operations).hasSize(4);
      if (!killed) {
        return;
      }
    }
  }

  private static void write(
      StatefulSinkWriter<CheckpointCost, LinePosition> writer, CheckpointCost... costs)
      throws Exception {
    try (writer) {
      for (CheckpointCost cost : costs) {
        writer.write(cost, null);
        writer.flush(false);
      }
    }
  }

  private static CheckpointCost begun(long checkpoint) {
    return new CheckpointCost(
        checkpoint,
        false,
        10 * checkpoint,
        1000,
        Duration.ofMillis(2),
        Optional.empty(),
        Optional.empty());
  }

  private static CheckpointCost whole(long checkpoint) {
    return begun(checkpoint)
        .with(new Written(1000, Duration.ofMillis(250), Duration.ofMillis(1500)));
  }

  private CheckpointSink sink(String scheme) {
    return new CheckpointSink(path(scheme));
  }

  private org.apache.flink.core.fs.Path path(String scheme) {
    return new org.apache.flink.core.fs.Path(scheme + "://" + file(scheme));
  }

  private Path file(String scheme) {
    return folder.resolve(scheme + ".jsonl");
  }

  private List<String> lines(String scheme) throws IOException {
    List<String> lines = new ArrayList<>();
    StoredLines.forEach(path(scheme), lines::add);
    return lines;
  }
}
