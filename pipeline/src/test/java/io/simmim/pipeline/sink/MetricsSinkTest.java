package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
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
    ProgressReport silent =
        new ProgressReport(
            new BatchPlan(100, 10, 10, 1, 5), ProgressReport.Target.LOG, Duration.ofHours(1));
    sink = new MetricsSink(new org.apache.flink.core.fs.Path(file.toUri()), silent);
  }

  @Test
  void writesALinePerStep() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(null)) {
      writer.write(step(1), null);
    }

    assertThat(file)
        .hasContent(
            """
            {"step":1,"epoch":0,"images_seen":10,"images":10,"loss":0.5,"learning_rate":1.0E-4,\
            "gradient_norm":2.0,"images_per_second":7.5,"data_wait_share":0.25,"rejected_images":3,\
            "time":"1970-01-01T00:00:01Z"}
            """);
  }

  @Test
  void dropsStepsAfterTheCheckpointAndAPartialLine() throws Exception {
    List<Long> state;
    try (StatefulSinkWriter<StepMetrics, Long> writer = restored(0L)) {
      writeSteps(writer, 1, 5);
      writer.flush(false);
      state = writer.snapshotState(1);
      writeSteps(writer, 6, 8);
    }
    Files.writeString(file, "{\"step\":9,\"epo", StandardOpenOption.APPEND);

    try (StatefulSinkWriter<StepMetrics, Long> writer = restored(state.get(0))) {
      writeSteps(writer, 6, 7);
    }

    assertThat(steps()).containsExactly(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void resumesFromAnOlderSavepoint() throws Exception {
    try (StatefulSinkWriter<StepMetrics, Long> writer = restored(0L)) {
      writeSteps(writer, 1, 9);
    }

    try (StatefulSinkWriter<StepMetrics, Long> writer = restored(3L)) {
      writeSteps(writer, 4, 6);
    }

    assertThat(steps()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void beginsAnewWithoutState() throws Exception {
    Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n");

    try (SinkWriter<StepMetrics> writer = sink.createWriter(null)) {
      writeSteps(writer, 1, 1);
    }

    assertThat(steps()).containsExactly(1);
  }

  @Test
  void writesNullForWhatIsNotANumber() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(null)) {
      writer.write(
          new StepMetrics(1, 0, 10, 10, Double.NaN, 1e-4, Double.POSITIVE_INFINITY, 1, 0, 0, 0),
          null);
    }

    assertThat(Files.readString(file)).contains("\"loss\":null", "\"gradient_norm\":null");
  }

  @Test
  void refusesAStepOutOfOrder() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(null)) {
      writeSteps(writer, 1, 2);

      assertThatThrownBy(() -> writer.write(step(4), null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("step 4 of the metrics must follow step 2");
    }
  }

  @Test
  void refusesASecondWriter() throws Exception {
    try (SinkWriter<StepMetrics> writer = sink.createWriter(null)) {
      writeSteps(writer, 1, 2);

      assertThatThrownBy(() -> restored(1L))
          .isInstanceOf(IOException.class)
          .hasMessage("another run is writing to " + file);
      assertThat(WriterLock.isTaken(file)).isTrue();
    }

    assertThat(WriterLock.isTaken(file)).isFalse();
    assertThat(steps()).containsExactly(1, 2);
  }

  @Test
  void stateSurvivesItsSerializer() throws IOException {
    PositionSerializer serializer = new PositionSerializer();

    assertThat(serializer.serialize(0x0102030405060708L)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(serializer.deserialize(1, serializer.serialize(77L))).isEqualTo(77);
    assertThatThrownBy(() -> serializer.deserialize(2, new byte[8]))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "sink state has format version 2 and 8 bytes; this build reads version 1 with 8 bytes");
  }

  private StatefulSinkWriter<StepMetrics, Long> restored(Long position) throws IOException {
    return sink.restoreWriter(null, List.of(position));
  }

  private static void writeSteps(SinkWriter<StepMetrics> writer, int from, int to)
      throws Exception {
    for (int step = from; step <= to; step++) {
      writer.write(step(step), null);
    }
  }

  private static StepMetrics step(long step) {
    return new StepMetrics(step, 0, 10 * step, 10, 0.5, 1e-4, 2, 7.5, 0.25, 3, 1000 * step);
  }

  private List<Integer> steps() throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> (int) JsonText.number(line, JsonText.STEP).orElseThrow())
        .toList();
  }
}
