package io.simmim.pipeline.report;

import io.simmim.pipeline.watch.Pictures;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.schemas.evaluation.ModelFindings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line that people see when the model was looked at while it is trained.
 *
 * @param target where the line goes
 */
public record FindingReport(ProgressReport.Target target) implements Sink<ModelFindings> {
  private static final Logger LOG = LoggerFactory.getLogger(FindingReport.class);

  public FindingReport {
    Objects.requireNonNull(target, "target");
  }

  @Override
  public SinkWriter<ModelFindings> createWriter(WriterInitContext context) {
    return new Writer(this);
  }

  static String line(ModelFindings findings) {
    if (!findings.problem().isEmpty()) {
      return String.format(
          Locale.ROOT,
          "step %d  %s: %s",
          findings.step(),
          findings.picture() ? picture(findings) + ", no evaluation" : "no picture or evaluation",
          findings.problem());
    }
    List<String> parts = new ArrayList<>();
    findings.quality().ifPresent(quality -> parts.add(text(quality)));
    if (findings.picture()) {
      parts.add(picture(findings));
    }
    return String.format(Locale.ROOT, "step %d  %s", findings.step(), String.join(", ", parts));
  }

  private static String picture(ModelFindings findings) {
    return "picture " + Pictures.file(".", findings.step()).getName();
  }

  private static String text(FeatureQuality quality) {
    StringBuilder text = new StringBuilder("evaluation: ");
    for (Vote vote : quality.votes()) {
      text.append(
          String.format(
              Locale.ROOT,
              "k-NN of %d top-1 %.2f %%, ",
              vote.neighbours(),
              100 * vote.top1Share()));
    }
    quality
        .probe()
        .ifPresent(
            probe ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "linear probe top-1 %.2f %% at layer %d, ",
                        100 * probe.top1Share(),
                        probe.layer())));
    return text
        + String.format(
            Locale.ROOT, "effective rank %.1f of %d", quality.effectiveRank(), quality.width());
  }

  private record Writer(FindingReport report) implements SinkWriter<ModelFindings> {
    @Override
    public void write(ModelFindings findings, Context context) {
      String line = line(findings);
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
