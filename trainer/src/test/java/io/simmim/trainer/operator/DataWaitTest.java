package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.timing.ChunkTimes;
import io.simmim.schemas.timing.DataWait;
import io.simmim.trainer.loop.Handover;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the metrics tell of what the trainer waited for. */
@Timeout(60)
class DataWaitTest {
  private static final int CHUNKS_OF_A_STEP = 6;

  @TempDir Path output;
  private final FakeLearner.Control control = new FakeLearner.Control();

  @Test
  void dividesTheWaitByTheTimesThatTheChunksBear() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      awaitWaiting();
      long fetched = later();
      long decoded = later();
      later();

      DataWait wait = firstStep(run, new ChunkTimes(fetched, decoded));

      assertThat(wait.fetching()).isPositive();
      assertThat(wait.decoding()).isPositive();
      assertThat(wait.network()).isPositive();
      assertThat(wait.total()).isLessThanOrEqualTo(1 + 1e-9);
    }
  }

  @Test
  void takesChunksThatNobodyTimedForHandedOver() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      awaitWaiting();

      DataWait wait = firstStep(run, ChunkTimes.UNKNOWN);

      assertThat(wait.fetching()).isZero();
      assertThat(wait.decoding()).isZero();
      assertThat(wait.network()).isPositive();
    }
  }

  private DataWait firstStep(OperatorRun run, ChunkTimes ready) throws Exception {
    List<TensorChunk> step =
        chunks(0, CHUNKS_OF_A_STEP).stream().map(chunk -> chunk.at(ready)).toList();
    run.feed(step);
    while (run.steps().isEmpty()) {
      run.runMails();
      Thread.onSpinWait();
    }
    return run.steps().get(0).dataWait();
  }

  private static void awaitWaiting() {
    await()
        .until(
            () ->
                Thread.getAllStackTraces().entrySet().stream()
                    .filter(thread -> thread.getKey().getState() == Thread.State.WAITING)
                    .flatMap(thread -> Stream.of(thread.getValue()))
                    .anyMatch(frame -> frame.getClassName().equals(Handover.class.getName())));
  }

  /** A time that has passed, behind any before. */
  private static long later() {
    long before = ChunkTimes.nowMicros();
    long now = before;
    while (now <= before + 1) {
      now = ChunkTimes.nowMicros();
    }
    return now - 1;
  }
}
