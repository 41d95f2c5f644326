package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.trainer.export.CopySchedule;
import io.simmim.trainer.histogram.HistogramSchedule;
import io.simmim.trainer.loop.LearnerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Four steps of a real model. */
@Timeout(120)
class HistogramsBesideTrainingTest {
  /**
   * The norm is the root of a sum of n squares in fp32: about the root of n roundings of 2^-24, so
   * 1e-5 for these 30,000 values, if not all go the same way.
   */
  private static final double ROUNDING = 1e-4;

  @TempDir Path output;

  private TrainingOperatorConfig config(long everySteps) {
    return TestRuns.watched(output, CopySchedule.NEVER, new HistogramSchedule(everySteps));
  }

  private static List<Long> steps(List<TensorHistogram> histograms) {
    return histograms.stream().map(TensorHistogram::step).distinct().toList();
  }

  @Test
  void areThoseOfTheDueStepsAndOfTheLast() throws Exception {
    try (OperatorRun run = OperatorRun.start(config(3), LearnerConfig::create)) {
      run.finishFrom(0);

      assertThat(steps(run.histograms())).containsExactly(3L, 4L);
      for (StepMetrics step : run.steps().subList(2, 4)) {
        List<TensorHistogram> ofStep =
            run.histograms().stream().filter(it -> it.step() == step.step()).toList();
        assertThat(ofStep).extracting(TensorHistogram::tensor).doesNotHaveDuplicates();
        assertThat(ofStep).allMatch(it -> it.epochMillis() == step.epochMillis());
        assertThat(Math.sqrt(squares(ofStep)))
            .as("gradients before clipping")
            .isEqualTo(step.gradientNorm(), within(ROUNDING * step.gradientNorm()));
      }
    }
  }

  private static double squares(List<TensorHistogram> histograms) {
    return histograms.stream()
        .filter(it -> it.tensor().startsWith("gradients/"))
        .mapToDouble(it -> it.values().sumOfSquares())
        .sum();
  }

  @Test
  void eachIsToldOnceBeforeTheCheckpointBehindItsStep() throws Exception {
    List<TensorHistogram> undisturbed;
    try (OperatorRun run = OperatorRun.start(config(1), LearnerConfig::create)) {
      run.finishFrom(0);
      undisturbed = run.histograms();
    }
    List<TensorHistogram> found = new ArrayList<>();
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config(1), LearnerConfig::create)) {
      run.feed(TestRuns.chunks(0, 18));
      state = run.checkpoint(1);
      found.addAll(run.histograms());
      assertThat(steps(found)).isEqualTo(run.steps().stream().map(StepMetrics::step).toList());
    }
    try (OperatorRun run = OperatorRun.resume(config(1), LearnerConfig::create, state)) {
      run.finishFrom(18);
      found.addAll(run.histograms());
    }

    assertThat(found)
        .usingElementComparator(
            (one, other) ->
                one.step() == other.step()
                        && one.tensor().equals(other.tensor())
                        && one.values().equals(other.values())
                    ? 0
                    : 1)
        .isEqualTo(undisturbed);
  }

  @Test
  void aStepWithoutImagesHasNoGradients() throws Exception {
    try (OperatorRun run = OperatorRun.start(config(1), LearnerConfig::create)) {
      long ofStep = TestRuns.PLAN.totalChunks() / TestRuns.PLAN.totalSteps();
      List<TensorChunk> chunks = new ArrayList<>(TestRuns.chunks(0, ofStep));
      for (long chunk = ofStep; chunk < 2 * ofStep; chunk++) {
        chunks.add(TestRuns.emptyChunk(chunk, TestRuns.rejected(2 * chunk)));
      }
      run.feed(chunks).finishFrom(2 * ofStep);

      assertThat(run.histograms())
          .filteredOn(it -> it.step() == 2)
          .isNotEmpty()
          .allMatch(it -> it.tensor().startsWith("weights/"));
      assertThat(run.histograms())
          .filteredOn(it -> it.step() == 3)
          .anyMatch(it -> it.tensor().startsWith("gradients/"));
    }
  }

  @Test
  void thereAreNoneUnlessAskedFor() throws Exception {
    try (OperatorRun run = OperatorRun.start(config(0), LearnerConfig::create)) {
      run.finishFrom(0);

      assertThat(run.histograms()).isEmpty();
    }
  }
}
