package io.simmim.pipeline.tensorboard;

import io.simmim.schemas.StepMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.core.fs.Path;

/** The metrics of all steps, and the configuration. */
public final class StepEvents extends EventSink<StepMetrics> {
  /**
   * @param folder on any Flink file system
   * @param configuration of the run, as text
   */
  public StepEvents(Path folder, String configuration) {
    super(folder, configuration);
  }

  @Override
  long step(StepMetrics metrics) {
    return metrics.step();
  }

  @Override
  long epochMillis(StepMetrics metrics) {
    return metrics.epochMillis();
  }

  @Override
  Map<String, Double> scalars(StepMetrics metrics) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", metrics.loss());
    values.put("train/learning_rate", metrics.learningRate());
    values.put("train/gradient_norm", metrics.gradientNorm());
    values.put("speed/images_per_second", metrics.imagesPerSecond());
    values.put("speed/data_wait_share", metrics.dataWaitShare());
    values.put("images/seen", (double) metrics.imagesSeen());
    values.put("images/rejected", (double) metrics.rejectedImages());
    return values;
  }
}
