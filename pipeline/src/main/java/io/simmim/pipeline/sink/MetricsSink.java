package io.simmim.pipeline.sink;

import io.simmim.schemas.StepMetrics;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.flink.core.fs.Path;

/**
 * {@code metrics.jsonl}: one line per optimizer step. Lines behind a checkpoint are dropped, since
 * those steps are taken again.
 */
public final class MetricsSink extends JsonLinesSink<StepMetrics> {
  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public MetricsSink(Path file) {
    super(file);
  }

  @Override
  String line(StepMetrics metrics, long number) {
    if (metrics.step() != number) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "step %d of the metrics must follow step %d",
              metrics.step(),
              number - 1));
    }
    return JsonText.of(metrics);
  }

  @Override
  Predicate<String> isAmongFirst(long lines) {
    return line -> {
      OptionalLong step = JsonText.number(line, JsonText.STEP);
      return step.isPresent() && step.getAsLong() <= lines;
    };
  }
}
