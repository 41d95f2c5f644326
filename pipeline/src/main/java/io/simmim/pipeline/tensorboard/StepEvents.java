package io.simmim.pipeline.tensorboard;

import io.simmim.pipeline.sink.ShownNames;
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
    values.put(ShownNames.STEP.get("loss"), metrics.loss());
    values.put(ShownNames.STEP.get("learning_rate"), metrics.learningRate());
    values.put(ShownNames.STEP.get("gradient_norm"), metrics.gradientNorm());
    values.put(ShownNames.STEP.get("images_per_second"), metrics.imagesPerSecond());
    values.put(ShownNames.STEP.get("data_wait_share"), metrics.dataWaitShare());
    values.put(ShownNames.STEP.get("fetch_wait_share"), metrics.dataWait().fetching());
    values.put(ShownNames.STEP.get("decode_wait_share"), metrics.dataWait().decoding());
    values.put(ShownNames.STEP.get("network_wait_share"), metrics.dataWait().network());
    values.put(ShownNames.STEP.get("images_seen"), (double) metrics.imagesSeen());
    values.put(ShownNames.STEP.get("rejected_images"), (double) metrics.rejectedImages());
    if (metrics.isEmpty()) {
      values.remove(ShownNames.STEP.get("loss"));
      values.remove(ShownNames.STEP.get("gradient_norm"));
    }
    return values;
  }
}
