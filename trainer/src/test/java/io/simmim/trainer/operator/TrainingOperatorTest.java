package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunk;
import static io.simmim.trainer.operator.TestRuns.chunks;
import static io.simmim.trainer.operator.TestRuns.emptyChunk;
import static io.simmim.trainer.operator.TestRuns.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.RejectionLimit;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrainingOperatorTest {
  @TempDir Path output;
  private final FakeLearner.Control control = new FakeLearner.Control();

  @AfterEach
  void freesEverything() {
    assertThat(control.openSnapshots).hasValue(0);
    assertThat(control.openModels).hasValue(0);
  }

  @Test
  void reportsEachStepOnce() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.finishFrom(0);

      assertThat(run.steps()).extracting(StepMetrics::step).containsExactly(1L, 2L, 3L, 4L);
      assertThat(run.steps()).extracting(StepMetrics::epoch).containsExactly(0, 0, 1, 1);
      assertThat(run.steps()).extracting(StepMetrics::images).containsOnly(12);
      assertThat(run.steps())
          .extracting(StepMetrics::imagesSeen)
          .containsExactly(12L, 24L, 36L, 48L);
      LearningRateSchedule schedule = TestRuns.config(output).schedule().forRun(TestRuns.PLAN);
      assertThat(run.steps())
          .extracting(StepMetrics::learningRate)
          .containsExactly(
              schedule.ofStep(0), schedule.ofStep(1), schedule.ofStep(2), schedule.ofStep(3));
      assertThat(run.steps())
          .allSatisfy(
              step -> {
                assertThat(step.loss()).isPositive();
                assertThat(step.gradientNorm()).isPositive();
                assertThat(step.imagesPerSecond()).isPositive();
                assertThat(step.dataWaitShare()).isBetween(0.0, 1.0);
              });
    }
  }

  @Test
  void waitsForWhatIsStillComputedBeforeItWaitsForImages() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks(0, 2)); // a third of a step

      await().until(() -> control.accumulated.get() == 1 && control.unreadLosses.get() == 0);
    }
  }

  @Test
  void refusesChunkThatIsTooFarAhead() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks(0, 3));

      assertThatThrownBy(() -> run.feed(List.of(chunk(523))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("chunk 523 came while chunk 3 is missing; chunks may come at most 520 ahead");
    }
  }

  @Test
  void reportsEachRejectedImageOnceThoughItComesInEveryEpoch() throws Exception {
    List<TensorChunk> chunks = new ArrayList<>(chunks(0, 24));
    chunks.set(3, TestRuns.chunk(3, 1, List.of(rejected(17))));
    chunks.set(15, TestRuns.chunk(15, 1, List.of(rejected(17))));
    chunks.set(20, TestRuns.chunk(20, 1, List.of(rejected(5))));
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks).harness.endInput();

      assertThat(run.rejected()).containsExactly(rejected(17), rejected(5));
      assertThat(run.steps())
          .extracting(StepMetrics::rejectedImages)
          .containsExactly(1L, 1L, 1L, 2L);
      assertThat(run.steps()).extracting(StepMetrics::images).containsExactly(11, 12, 11, 11);
    }
  }

  @Test
  void failsAboveTheShareOfRejectedImagesAndNamesThem() throws Exception {
    TrainingOperatorConfig config = TestRuns.config(output, 0, new RejectionLimit(1, 0.1));
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      assertThatThrownBy(
              () ->
                  run.feed(List.of(chunk(0), emptyChunk(1, rejected(8), rejected(9))))
                      .finishFrom(2))
          .isInstanceOf(SuppressRestartsException.class)
          .hasCauseInstanceOf(UserError.class)
          .cause()
          .hasMessage(
              "too many images cannot be used: 2 of 4 (50.00 %); allowed are 1 or 10.00 %; the first: "
                  + "file:/images/8.jpg: not a JPEG; file:/images/9.jpg: not a JPEG");
      assertThat(run.rejected()).containsExactly(rejected(8), rejected(9));
    }
  }

  @Test
  void emptyMicroBatchAddsNothing() throws Exception {
    List<TensorChunk> chunks = new ArrayList<>(chunks(0, 24));
    chunks.set(2, emptyChunk(2));
    chunks.set(3, emptyChunk(3));
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks).harness.endInput();

      assertThat(run.steps()).extracting(StepMetrics::images).containsExactly(8, 12, 12, 12);
      assertThat(control.accumulated).hasValue(11);
    }
  }

  @Test
  void stepWithoutImagesLeavesTheModelAlone() throws Exception {
    List<TensorChunk> chunks = new ArrayList<>(chunks(0, 24));
    for (int i = 6; i < 12; i++) {
      chunks.set(i, emptyChunk(i));
    }
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks).harness.endInput();

      StepMetrics empty = run.steps().get(1);
      assertThat(empty.step()).isEqualTo(2);
      assertThat(empty.images()).isZero();
      assertThat(empty.loss()).isZero();
      assertThat(empty.gradientNorm()).isZero();
      assertThat(run.steps().get(2).imagesSeen()).isEqualTo(24);
    }
  }

  @Test
  void divergedTrainingEndsTheJob() throws Exception {
    control.lossFactor = Double.NaN;
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      assertThatThrownBy(() -> run.finishFrom(0))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "training diverged: the loss of step 1 (epoch 1) is NaN; a lower learning rate or"
                  + " fp32 may help; bin/simmim show OUTPUT --step 1 shows its images");
    }
  }

  @Test
  void failureOfTheTrainingThreadFailsTheTaskWithItsCause() throws Exception {
    control.accumulateFailure = new IllegalArgumentException("wrong shape");
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      assertThatThrownBy(() -> run.finishFrom(0))
          .hasRootCause(control.accumulateFailure)
          .hasStackTraceContaining("training failed in step 1");
    }
  }

  @Test
  void failureToMakeTheModelFailsTheStart() {
    Learner.Factory broken =
        (config, initial) -> {
          throw new UnsatisfiedLinkError("no libtorch here");
        };

    assertThatThrownBy(() -> OperatorRun.start(TestRuns.config(output), broken))
        .hasRootCauseMessage("no libtorch here");
  }

  @Test
  void cancellationReleasesTheTaskThatWaitsForTheTrainingThread() throws Exception {
    control.permits.drainPermits();
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks(0, 6));
      Thread task = Thread.currentThread();
      Thread canceller =
          new Thread(
              () -> {
                await().until(() -> task.getState().name().endsWith("WAITING"));
                task.interrupt();
                control.permits.release(Integer.MAX_VALUE); // native code ends by itself
              });
      canceller.start();

      assertThatThrownBy(() -> run.feed(chunks(6, 24))).isInstanceOf(InterruptedException.class);
      canceller.join();
    }
  }

  @Test
  void trainingWaitsForTheTaskThreadNotTheOtherWayRound() throws Exception {
    control.permits.drainPermits();
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks(0, 6)); // one micro-batch in training, two waiting
      await().atMost(Duration.ofSeconds(10)).until(() -> control.accumulated.get() == 1);
      control.permits.release(Integer.MAX_VALUE);
      run.finishFrom(6);
      assertThat(run.steps()).hasSize(4);
    }
  }

  @Test
  void inputThatEndsEarlyExportsNothing() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.feed(chunks(0, 7)).harness.endInput();

      assertThat(run.steps()).hasSize(1);
      assertThat(output).isDirectoryNotContaining("glob:**/model*");
    }
  }
}
