package io.simmim.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.timing.DataWait;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressReportTest {
  private final ProgressReport.Reporter reporter =
      new ProgressReport(
              new BatchPlan(1000, 3, 32, 2, 16), ProgressReport.Target.LOG, Duration.ofHours(1))
          .start();

  @Test
  void tellsWhereTheRunIsAndWhenItEnds() {
    reporter.step(step(20, 0));

    assertThat(reporter.line(step(20, 0)))
        .isEqualTo(
            "epoch 2/3  step 20/45  loss 0.4321  lr 1.00e-04  grad norm 1.500  32.0 img/s"
                + "  waiting for data 25 %  ETA 50s");
  }

  @Test
  void namesRejectedImagesOnceThereAreAny() {
    reporter.step(step(20, 7));

    assertThat(reporter.line(step(20, 7))).endsWith("ETA 50s  rejected 7");
  }

  @Test
  void aStepWithoutAnImageHasNoLoss() {
    reporter.step(step(20, 0));
    reporter.step(new StepMetrics(21, 1, 640, 0, 0, 1e-4, 0, 0, DataWait.NONE, 64, 0));

    assertThat(reporter.line(step(21, 64))).contains("loss 0.4321 ");
  }

  @Test
  void aRunWhoseFirstStepHasNoImageHasNoLossYet() {
    StepMetrics empty = new StepMetrics(1, 0, 0, 0, 0, 1e-4, 0, 0, DataWait.NONE, 64, 0);
    reporter.step(empty);

    assertThat(reporter.line(empty))
        .isEqualTo(
            "epoch 1/3  step 1/45  no image could be used yet  waiting for data 0 %  ETA unknown"
                + "  rejected 64");
  }

  @Test
  void tellsNoEndOfARunThatHasNone() {
    BatchPlan endless = BatchPlan.continuous(10, 32, 2, 16);

    assertThat(line(endless))
        .isEqualTo(
            "step 20  loss 0.4321  lr 1.00e-04  grad norm 1.500  32.0 img/s"
                + "  waiting for data 25 %");
    assertThat(line(endless.endingAfter(45)))
        .isEqualTo(
            "step 20/45  loss 0.4321  lr 1.00e-04  grad norm 1.500  32.0 img/s"
                + "  waiting for data 25 %  ETA 50s");
  }

  private static String line(BatchPlan plan) {
    ProgressReport.Reporter reporter =
        new ProgressReport(plan, ProgressReport.Target.LOG, Duration.ofHours(1)).start();
    reporter.step(step(20, 0));
    return reporter.line(step(20, 0));
  }

  /** A step each half second: a line each 5 seconds at first, each minute after an hour. */
  @Test
  void hasFewLinesInARunOfWeeks() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7); // the clock may pass its end
    ProgressReport.Reporter weeks =
        new ProgressReport.Reporter(
            new ProgressReport(
                BatchPlan.continuous(10, 32, 2, 16),
                ProgressReport.Target.LOG,
                Duration.ofSeconds(5)),
            nanos::get);
    int[] lines = new int[24];
    for (int hour = 0; hour < lines.length; hour++) {
      for (int i = 0; i < 7200; i++) {
        lines[hour] += weeks.isDue(1 + hour * 7200L + i) ? 1 : 0;
        nanos.addAndGet(500_000_000);
      }
    }

    assertThat(lines[0]).isBetween(100, 250);
    assertThat(Arrays.stream(lines).skip(1)).allMatch(count -> count <= 61);
  }

  @Test
  void tellsTheRestOfALongRunInDays() {
    ProgressReport.Reporter reporter =
        new ProgressReport(
                new BatchPlan(1_281_167, 800, 128, 16, 16),
                ProgressReport.Target.LOG,
                Duration.ofHours(1))
            .start();
    StepMetrics metrics =
        new StepMetrics(20, 0, 1, 2048, 0.4, 1e-4, 1.5, 1500, DataWait.NONE, 0, 0);
    reporter.step(metrics);

    assertThat(reporter.line(metrics)).contains("step 20/500000  ").endsWith("ETA 7d 21h");
  }

  @Test
  void hasNoControlCharacters() {
    reporter.step(step(1, 0));

    assertThat(reporter.line(step(1, 0))).matches("\\P{Cntrl}+");
  }

  private static StepMetrics step(long step, long rejected) {
    return new StepMetrics(
        step, 1, 64 * step, 64, 0.4321, 1e-4, 1.5, 32, new DataWait(0.25, 0, 0), rejected, 0);
  }
}
