package io.simmim.pipeline.report;

import io.simmim.schemas.evaluation.EpochAccuracy;
import java.util.Locale;
import java.util.Objects;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line that people see after each epoch of a fine-tuning.
 *
 * @param epochs of the run
 * @param target where the line goes
 */
public record ValidationReport(int epochs, ProgressReport.Target target)
    implements Sink<EpochAccuracy> {
  private static final Logger LOG = LoggerFactory.getLogger(ValidationReport.class);

  public ValidationReport {
    Objects.requireNonNull(target, "target");
  }

  @Override
  public SinkWriter<EpochAccuracy> createWriter(WriterInitContext context) {
    return new Writer(this);
  }

  String line(EpochAccuracy accuracy) {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d  validation: %s, loss %.4f",
        accuracy.epoch() + 1,
        epochs,
        accuracy.text(),
        accuracy.loss());
  }

  private record Writer(ValidationReport report) implements SinkWriter<EpochAccuracy> {
    @Override
    public void write(EpochAccuracy accuracy, Context context) {
      String line = report.line(accuracy);
      switch (report.target) {
        case STANDARD_OUTPUT -> System.out.println(line);
        case LOG -> LOG.info("{}", line);
      }
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }
}
