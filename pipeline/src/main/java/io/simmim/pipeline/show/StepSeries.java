package io.simmim.pipeline.show;

import io.simmim.pipeline.sink.stored.StoredLines;
import java.io.IOException;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.flink.core.fs.Path;

/**
 * What a run measured in its steps, in their order. 24 bytes per step.
 *
 * @param steps their numbers, from 1
 * @param losses NaN where a line has none
 * @param norms of gradients, likewise
 */
record StepSeries(long[] steps, double[] losses, double[] norms) {
  /**
   * Reads {@code metrics.jsonl}. Steps without any image, whose loss and norm say nothing, are left
   * out.
   */
  static StepSeries read(Path metrics) throws IOException {
    LongStream.Builder steps = LongStream.builder();
    DoubleStream.Builder losses = DoubleStream.builder();
    DoubleStream.Builder norms = DoubleStream.builder();
    StoredLines.forEachNode(
        metrics,
        line -> {
          if (line.path("step").isIntegralNumber() && line.path("images").asLong(1) > 0) {
            steps.add(line.path("step").longValue());
            losses.add(line.path("loss").asDouble(Double.NaN));
            norms.add(line.path("gradient_norm").asDouble(Double.NaN));
          }
        });
    return new StepSeries(
        steps.build().toArray(), losses.build().toArray(), norms.build().toArray());
  }

  int size() {
    return steps.length;
  }
}
