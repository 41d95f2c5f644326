package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
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
    try (Attempt attempt = attempt()) {
      var count = attempt.harness;
      count.open();
      count.processElement(new StreamRecord<>(8L));
      count.snapshot(1, 1);
      count.processElement(new StreamRecord<>(2L));
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
    try (Attempt attempt = attempt()) {
      var count = attempt.harness;
      count.open();
      count.processElement(new StreamRecord<>(8L));
      state = count.snapshot(1, 1);
      count.processElement(new StreamRecord<>(2L)); // comes again
    }
    try (Attempt attempt = attempt()) {
      var count = attempt.harness;
      count.initializeState(state);
      count.open();
      count.processElement(new StreamRecord<>(1L));
      count.snapshot(2, 2);
      count.notifyOfCompletedCheckpoint(2);
      assertThat(note()).doesNotExist();

      count.processElement(new StreamRecord<>(1L));
      count.snapshot(3, 3);
      count.notifyOfCompletedCheckpoint(3);
      assertThat(note()).hasContent("all");
    }
  }

  /** As {@code flink stop --drain} has it. */
  @Test
  void doesNotTakeTheEndOfItsInputForTheLastImage() throws Exception {
    try (Attempt attempt = attempt()) {
      var count = attempt.harness;
      count.open();
      count.processElement(new StreamRecord<>(8L));
      count.endInput();
      count.snapshot(1, 1);
      count.notifyOfCompletedCheckpoint(1);
      assertThat(note()).doesNotExist();
    }
  }

  @Test
  void takesTheEndOfItsInputForTheLastImageOnlyIfABuildBeforeDidNotCount() throws Exception {
    try (Attempt attempt = attempt()) {
      var count = attempt.harness;
      count.initializeState(OperatorSubtaskState.builder().build());
      count.open();
      count.processElement(new StreamRecord<>(2L));
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

  /** One attempt of the operator. */
  private record Attempt(OneInputStreamOperatorTestHarness<Long, Long> harness)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        harness.close();
      } catch (Exception e) {
        throw new AssertionError("the operator must close without an error", e);
      }
    }
  }

  private Attempt attempt() throws Exception {
    OneInputStreamOperatorTestHarness<Long, Long> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ImageCount(10, new org.apache.flink.core.fs.Path(note().toUri()), "all"),
            LongSerializer.INSTANCE);
    harness.setup(LongSerializer.INSTANCE);
    return new Attempt(harness);
  }
}
