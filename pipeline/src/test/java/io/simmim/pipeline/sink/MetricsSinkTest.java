package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.UserError;
import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // close() of a Flink writer may declare InterruptedException
class MetricsSinkTest {
  @TempDir private Path folder;
  private Path file;
  private MetricsSink sink;

  @BeforeEach
  void makeSink() {
    file = folder.resolve("metrics.jsonl");
    sink = new MetricsSink(new org.apache.flink.core.fs.Path(file.toUri()));
  }

  @Test
  void writesALinePerStep() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      writer.write(step(1), null);
    }

    assertThat(file)
        .hasContent(
            """
            {"step":1,"epoch":0,"images_seen":10,"images":10,"loss":0.5,"learning_rate":1.0E-4,\
            "gradient_norm":2.0,"images_per_second":7.5,"data_wait_share":0.25,\
            "fetch_wait_share":0.125,"decode_wait_share":0.0312,"network_wait_share":0.0938,"rejected_images":3,\
            "time":"1970-01-01T00:00:01Z"}
            """);
  }

  @Test
  void dropsStepsAfterTheCheckpointAndAPartialLine() throws Exception {
    List<LinePosition> state;
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(LinePosition.START)) {
      writeSteps(writer, 1, 5);
      writer.flush(false);
      state = writer.snapshotState(1);
      writeSteps(writer, 6, 8);
    }
    Files.writeString(file, "{\"step\":9,\"epo", StandardOpenOption.APPEND);

    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(state.get(0))) {
      writeSteps(writer, 6, 7);
    }

    assertThat(steps()).containsExactly(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void resumesFromAnOlderSavepoint() throws Exception {
    LinePosition older;
    LinePosition newer;
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(LinePosition.START)) {
      writeSteps(writer, 1, 3);
      older = writer.snapshotState(1).get(0);
      writeSteps(writer, 4, 9);
      newer = writer.snapshotState(2).get(0);
    }

    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(older)) {
      writeSteps(writer, 4, 6);
    }

    assertThat(steps()).containsExactly(1, 2, 3, 4, 5, 6);
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(newer)) {
      writeSteps(writer, 10, 10);
    }
    assertThat(steps()).as("each step at most once").containsExactly(1, 2, 3, 4, 5, 6, 10);
  }

  /** The file has other times and speeds than the one that the newer savepoint belongs to. */
  @Test
  void returnsToASavepointOfAnotherCourse() throws Exception {
    LinePosition older;
    LinePosition newer;
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(LinePosition.START)) {
      writeSteps(writer, 1, 3);
      older = writer.snapshotState(1).get(0);
      writeSteps(writer, 4, 6);
      newer = writer.snapshotState(2).get(0);
    }
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(older)) {
      for (int step = 4; step <= 9; step++) {
        writer.write(
            new StepMetrics(step, 0, 10L * step, 10, 0.5, 1e-4, 2, 9.75, DataWait.NONE, 3, 17),
            null);
      }
    }

    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(newer)) {
      writeSteps(writer, 7, 8);
    }

    assertThat(steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  /** The file is sparse, so only reading it would take what it seems to have. */
  @Test
  void readsNothingOfALargeFileButItsEnd() throws Exception {
    LinePosition end;
    try (StatefulSinkWriter<StepMetrics, LinePosition> writer = restored(LinePosition.START)) {
      try (FileChannel content = FileChannel.open(file, StandardOpenOption.WRITE)) {
        content.write(ByteBuffer.wrap(new byte[] {'\n'}), 1L << 30);
      }
      writeSteps(writer, 1, 2);
      writer.flush(false);
      end = writer.snapshotState(1).get(0);
      writeSteps(writer, 3, 4);
    }
    long readBefore = bytesRead();

    restored(end).close();

    assertThat(end.bytes()).isGreaterThan(1L << 30);
    assertThat(file).hasSize(end.bytes());
    assertThat(bytesRead() - readBefore).isLessThan(16 << 20);
  }

  /** By all threads of this process, as the kernel counts. */
  private static long bytesRead() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/io")).stream()
        .filter(line -> line.startsWith("rchar: "))
        .mapToLong(line -> Long.parseLong(line.substring("rchar: ".length())))
        .sum();
  }

  @Test
  void beginsAnewWithoutState() throws Exception {
    Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n");

    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      writeSteps(writer, 1, 1);
    }

    assertThat(steps()).containsExactly(1);
  }

  @Test
  void writesNullForWhatIsNotANumber() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      writer.write(
          new StepMetrics(
              1, 0, 10, 10, Double.NaN, 1e-4, Double.POSITIVE_INFINITY, 1, DataWait.NONE, 0, 0),
          null);
    }

    assertThat(Files.readString(file)).contains("\"loss\":null", "\"gradient_norm\":null");
  }

  @Test
  void refusesAStepOutOfOrder() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      writeSteps(writer, 1, 2);

      assertThatThrownBy(() -> writer.write(step(4), null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("step 4 of the metrics must follow step 2");
    }
  }

  @Test
  void refusesASecondWriter() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      writeSteps(writer, 1, 2);

      assertThatThrownBy(() -> restored(LinePosition.START))
          .isInstanceOf(IOException.class)
          .hasMessage("another run is writing to " + file);
      assertThat(WriterLock.isTaken(file)).isTrue();
    }

    assertThat(WriterLock.isTaken(file)).isFalse();
    assertThat(steps()).containsExactly(1, 2);
  }

  @Test
  void refusesToBeOneOfSeveralWritersBeforeItTouchesTheFile() throws Exception {
    String lines = "{\"step\":1}\n{\"step\":2}\n";
    Files.writeString(file, lines);

    // As Flink restores the task that it has added: with nothing of the state.
    assertThatThrownBy(() -> sink.restoreWriter(SinkTasks.of(2), List.of()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the parallelism of what writes metrics.jsonl must be 1; only that of the images may"
                + " change: 2");
    assertThatThrownBy(() -> sink.createWriter(SinkTasks.of(2))).isInstanceOf(UserError.class);

    assertThat(file).hasContent(lines);
  }

  /** The system has a device that is full. */
  @Test
  void saysWhichFileADiskHasNoRoomFor() throws Exception {
    Files.createSymbolicLink(file, Path.of("/dev/full"));
    try (SinkWriter<StepMetrics> writer = sink.createWriter(SinkTasks.one())) {
      assertThatThrownBy(() -> writer.write(step(1), null))
          .isInstanceOf(IOException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "cannot write %s: No space left on device; nothing is lost: make room there, then run"
                  + " the same command again, which continues from the newest checkpoint",
              file);
    }
  }

  @Test
  void stateHasItsGoldenBytes() throws IOException {
    LinePositionSerializer serializer = new LinePositionSerializer();
    LinePosition position = new LinePosition(0x0102030405060708L, 9, 0x1a2bL, 0xcafebabe);
    String version2 = "0102030405060708" + "00000009" + "0000000000001a2b" + "cafebabe";

    byte[] stored = serializer.serialize(position);

    assertThat(serializer.getVersion()).isEqualTo(3);
    assertThat(HexFormat.of().formatHex(stored)).isEqualTo(version2 + "6a03a17c");
    assertThat(serializer.deserialize(3, stored)).isEqualTo(position);
    assertThat(serializer.deserialize(2, HexFormat.of().parseHex(version2))).isEqualTo(position);
    assertThatThrownBy(() -> serializer.deserialize(1, new byte[8]))
        .isInstanceOf(IOException.class)
        .hasMessage("sink state has format version 1; this build reads versions 2 and 3");
    assertThatThrownBy(() -> serializer.deserialize(2, new byte[8]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("8 bytes instead of 24");
  }

  @Test
  void noticesEveryChangedBitOfItsState() throws IOException {
    LinePositionSerializer serializer = new LinePositionSerializer();
    byte[] stored = serializer.serialize(new LinePosition(17, 0, 4000, 5));
    for (int bit = 0; bit < 8 * stored.length; bit++) {
      byte[] changed = stored.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> serializer.deserialize(3, changed))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the checkpoint is damaged: the place in written lines: ")
          .hasMessageEndingWith("; choose another checkpoint with --resume PATH")
          .hasCauseInstanceOf(SuppressRestartsException.class);
    }
  }

  private StatefulSinkWriter<StepMetrics, LinePosition> restored(LinePosition position)
      throws IOException {
    return sink.restoreWriter(SinkTasks.one(), List.of(position));
  }

  private static void writeSteps(SinkWriter<StepMetrics> writer, int from, int to)
      throws Exception {
    for (int step = from; step <= to; step++) {
      writer.write(step(step), null);
    }
  }

  private static StepMetrics step(long step) {
    return new StepMetrics(
        step,
        0,
        10 * step,
        10,
        0.5,
        1e-4,
        2,
        7.5,
        new DataWait(0.125, 0.03125, 0.09375),
        3,
        1000 * step);
  }

  private List<Integer> steps() throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> (int) JsonText.number(line, JsonText.STEP).orElseThrow())
        .toList();
  }
}
