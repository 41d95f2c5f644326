package io.simmim.trainer.operator.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressNoteTest {
  private static final DataWait NO_WAIT = new DataWait(0, 0, 0);

  @TempDir Path output;

  private ProgressNote note() {
    return new ProgressNote(output.toUri().toString());
  }

  private String text() throws IOException {
    return Files.readString(output.resolve("progress.json"));
  }

  private static StepMetrics step(long step) {
    return new StepMetrics(step, 0, 8 * step, 8, 1, 0.1, 1, 100, NO_WAIT, 0, 1000 * step);
  }

  @Test
  void tellsWhoeverGoesOnHowFarItWas() throws Exception {
    try (ProgressNote note = note()) {
      note.begun(0, null);
      assertThat(note.before()).isEmpty();
      note.stepDone(step(1), null);
      note.stepDone(step(2), null);
      awaitText("{\"step\":2,\"time\":\"1970-01-01T00:00:02Z\"}");
      note.stepDone(step(3), null);
      awaitText("{\"step\":3,\"time\":\"1970-01-01T00:00:03Z\"}");
    }
    try (ProgressNote note = note()) {
      note.begun(1, null);

      assertThat(note.before()).hasValue(new Reached(3, 3000));
    }
  }

  private void awaitText(String text) {
    Awaitility.await("the note")
        .atMost(Duration.ofSeconds(30))
        .ignoreException(NoSuchFileException.class)
        .untilAsserted(() -> assertThat(text()).isEqualTo(text));
  }

  /** Else what was lost would be counted again by whoever fails before its first step. */
  @Test
  void replacesTheNoteBeforeItsFirstStep() throws Exception {
    Files.writeString(
        output.resolve("progress.json"), "{\"step\":9,\"time\":\"2026-03-01T10:00:00Z\"}");
    try (ProgressNote note = note()) {
      note.begun(4, null);
      assertThat(note.before()).map(Reached::step).hasValue(9L);
    }

    try (ProgressNote note = note()) {
      note.begun(4, null);
      assertThat(note.before()).map(Reached::step).hasValue(4L);
    }
  }

  /** The last one is a time, of more milliseconds than a number has room for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "no note",
        "{}",
        "{\"step\":9}",
        "{\"step\":-9,\"time\":\"2026-03-01T10:00:00Z\"}",
        "{\"step\":9,\"time\":\"+1000000000-12-31T23:59:59Z\"}"
      })
  void isNothingThatTrainingDependsOn(String text) throws Exception {
    Files.writeString(output.resolve("progress.json"), text);
    try (ProgressNote note = note()) {
      note.begun(4, null);

      assertThat(note.before()).isEmpty();
      assertThat(text()).startsWith("{\"step\":4,");
    }
  }

  @Test
  void isWrittenAgainWhenItCan() throws Exception {
    Path obstacle = Files.createDirectories(output.resolve("progress.json/not-empty"));
    try (WatchService attempts = output.getFileSystem().newWatchService();
        ProgressNote note = note()) {
      note.begun(4, null);
      output.register(attempts, StandardWatchEventKinds.ENTRY_DELETE);
      note.stepDone(step(5), null);
      assertThat(attempts.poll(30, TimeUnit.SECONDS))
          .as("a file that could not take the place of the note")
          .isNotNull();
      Files.delete(obstacle);
      Files.deleteIfExists(output.resolve("progress.json"));
      note.stepDone(step(6), null);

      awaitText("{\"step\":6,\"time\":\"1970-01-01T00:00:06Z\"}");
    }
  }
}
