package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.OperatorAttempt;
import java.nio.file.Path;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In Flink's test harness, of ten images. */
@Timeout(60)
class ImageCountTest {
  @TempDir private Path output;

  @Test
  void notesOnceACompletedCheckpointHasAllImages() throws Exception {
    try (OperatorAttempt<Long, Long> attempt = attempt()) {
      var count = attempt.harness();
      count.open();
      attempt.take(8L);
      count.snapshot(1, 1);
      attempt.take(2L);
      count.notifyOfCompletedCheckpoint(1); // has eight
      assertThat(note()).doesNotExist();

      count.snapshot(2, 2);
      count.snapshot(3, 3);
      assertThat(note()).doesNotExist();
      count.notifyOfCompletedCheckpoint(3); // without the second
      assertThat(note()).hasContent("all");
    }
  }

  @Test
  void countsOnAfterARestart() throws Exception {
    OperatorSubtaskState state;
    try (OperatorAttempt<Long, Long> attempt = attempt()) {
      var count = attempt.harness();
      count.open();
      attempt.take(8L);
      state = count.snapshot(1, 1);
      attempt.take(2L); // comes again
    }
    try (OperatorAttempt<Long, Long> attempt = attempt()) {
      var count = attempt.harness();
      count.initializeState(state);
      count.open();
      attempt.take(1L);
      count.snapshot(2, 2);
      count.notifyOfCompletedCheckpoint(2);
      assertThat(note()).doesNotExist();

      attempt.take(1L);
      count.snapshot(3, 3);
      count.notifyOfCompletedCheckpoint(3);
      assertThat(note()).hasContent("all");
    }
  }

  /** As {@code flink stop --drain} has it. */
  @Test
  void doesNotTakeTheEndOfItsInputForTheLastImage() throws Exception {
    try (OperatorAttempt<Long, Long> attempt = attempt()) {
      var count = attempt.harness();
      count.open();
      attempt.take(8L);
      count.endInput();
      count.snapshot(1, 1);
      count.notifyOfCompletedCheckpoint(1);
      assertThat(note()).doesNotExist();
    }
  }

  @Test
  void takesTheEndOfItsInputForTheLastImageOnlyIfABuildBeforeDidNotCount() throws Exception {
    try (OperatorAttempt<Long, Long> attempt = attempt()) {
      var count = attempt.harness();
      count.initializeState(OperatorSubtaskState.builder().build());
      count.open();
      attempt.take(2L);
      count.snapshot(7, 1);
      count.notifyOfCompletedCheckpoint(7);
      assertThat(note()).doesNotExist();

      count.endInput();
      count.snapshot(8, 2);
      count.notifyOfCompletedCheckpoint(8);
      assertThat(note()).hasContent("all");
    }
  }

  private Path note() {
    return output.resolve("embed.json");
  }

  private OperatorAttempt<Long, Long> attempt() throws Exception {
    return OperatorAttempt.of(
        new OneInputStreamOperatorTestHarness<>(
            new ImageCount(10, new org.apache.flink.core.fs.Path(note().toUri()), "all"),
            LongSerializer.INSTANCE),
        LongSerializer.INSTANCE);
  }
}
