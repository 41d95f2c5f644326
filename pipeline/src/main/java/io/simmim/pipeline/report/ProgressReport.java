package io.simmim.pipeline.report;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line that people see every few seconds. It has no control characters, so that it reads the
 * same on a terminal and in a file.
 *
 * @param plan tells how far the run has to go
 * @param target where the line goes
 * @param interval least time between two lines at the beginning, which grows to a minute within the
 *     first hour: a run of weeks fills no disk. The first and the last step always have a line.
 */
public record ProgressReport(BatchPlan plan, Target target, Duration interval)
    implements Sink<StepMetrics> {
  /** Where the line goes. */
  public enum Target {
    /** Standard output of a local run. */
    STANDARD_OUTPUT,
    /** The log of the task manager. */
    LOG
  }

  private static final Logger LOG = LoggerFactory.getLogger(ProgressReport.class);

  /** Weight of the newest step in the moving averages behind the line. */
  private static final double SMOOTHING = 0.1;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** A pause is this part of the time that has passed. */
  private static final int LINES_SO_FAR = 60;

  public ProgressReport {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(interval, "interval");
  }

  @Override
  public SinkWriter<StepMetrics> createWriter(WriterInitContext context) {
    return new Writer(start());
  }

  Reporter start() {
    return new Reporter(this, System::nanoTime);
  }

  private record Writer(Reporter reporter) implements SinkWriter<StepMetrics> {
    @Override
    public void write(StepMetrics metrics, Context context) {
      reporter.step(metrics);
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }

  /** Averages steps and prints now and then. Not thread-safe. */
  static final class Reporter {
    private final ProgressReport report;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private long nextNanos;
    private boolean anyImage;
    private double loss = Double.NaN;
    private double secondsPerImage = Double.NaN;
    private double wait = Double.NaN;

    /**
     * @param nanoTime never goes back, as {@link System#nanoTime}
     */
    Reporter(ProgressReport report, LongSupplier nanoTime) {
      this.report = report;
      this.nanoTime = nanoTime;
      this.startNanos = nanoTime.getAsLong();
      this.nextNanos = startNanos;
    }

    void step(StepMetrics metrics) {
      anyImage |= !metrics.isEmpty();
      loss = metrics.isEmpty() ? loss : average(loss, metrics.loss());
      wait = average(wait, metrics.dataWaitShare());
      if (metrics.imagesPerSecond() > 0) {
        secondsPerImage = average(secondsPerImage, 1 / metrics.imagesPerSecond());
      }
      if (!isDue(metrics.step())) {
        return;
      }
      String line = line(metrics);
      switch (report.target) {
        case STANDARD_OUTPUT -> System.out.println(line);
        case LOG -> LOG.info("{}", line);
      }
    }

    /** Whether a step has a line; asked once for each. */
    boolean isDue(long step) {
      long now = nanoTime.getAsLong();
      if (now - nextNanos < 0 && step < report.plan.totalSteps()) {
        return false;
      }
      long grown = Math.min(LONGEST_PAUSE.toNanos(), (now - startNanos) / LINES_SO_FAR);
      nextNanos = now + Math.max(report.interval.toNanos(), grown);
      return true;
    }

    private static double average(double average, double value) {
      return Double.isNaN(average) ? value : average + SMOOTHING * (value - average);
    }

    String line(StepMetrics metrics) {
      String learned =
          anyImage
              ? String.format(
                  Locale.ROOT,
                  "loss %.4f  lr %.2e  grad norm %.3f  %.1f img/s",
                  loss,
                  metrics.learningRate(),
                  metrics.gradientNorm(),
                  1 / secondsPerImage)
              : "no image could be used yet";
      return String.format(
          Locale.ROOT,
          "%s  %s  waiting for data %.0f %%%s%s",
          place(metrics),
          learned,
          100 * wait,
          report.plan.isEndless() ? "" : "  ETA " + duration(remaining(metrics)),
          metrics.rejectedImages() == 0 ? "" : "  rejected " + metrics.rejectedImages());
    }

    /** A continuous run has no number of epochs, and steps only once it is to end. */
    private String place(StepMetrics metrics) {
      BatchPlan plan = report.plan;
      if (plan.isEndless()) {
        return String.format(Locale.ROOT, "step %d", metrics.step());
      }
      String steps = String.format(Locale.ROOT, "step %d/%d", metrics.step(), plan.totalSteps());
      return plan.isContinuous()
          ? steps
          : String.format(
              Locale.ROOT, "epoch %d/%d  %s", metrics.epoch() + 1, plan.epochs(), steps);
    }

    private double remaining(StepMetrics metrics) {
      BatchPlan plan = report.plan;
      return (plan.totalSteps() - metrics.step()) * plan.globalBatch() * secondsPerImage;
    }

    private static String duration(double seconds) {
      if (!Double.isFinite(seconds)) {
        return "unknown";
      }
      long whole = Math.round(seconds);
      if (whole < 60) {
        return whole + "s";
      }
      if (whole < 3600) {
        return String.format(Locale.ROOT, "%dmin %02ds", whole / 60, whole % 60);
      }
      return whole < 86_400
          ? String.format(Locale.ROOT, "%dh %02dmin", whole / 3600, whole / 60 % 60)
          : String.format(Locale.ROOT, "%dd %02dh", whole / 86_400, whole / 3600 % 24);
    }
  }
}
