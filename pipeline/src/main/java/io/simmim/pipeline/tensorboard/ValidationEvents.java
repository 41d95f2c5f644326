package io.simmim.pipeline.tensorboard;

import io.simmim.pipeline.sink.ShownNames;
import io.simmim.schemas.evaluation.EpochAccuracy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.core.fs.Path;

/** What a fine-tuning was worth after each epoch, at the epoch's last step. */
public final class ValidationEvents extends EventSink<EpochAccuracy> {
  /**
   * @param folder on any Flink file system; no other's
   */
  public ValidationEvents(Path folder) {
    super(folder, "");
  }

  @Override
  long step(EpochAccuracy accuracy) {
    return accuracy.step();
  }

  @Override
  long epochMillis(EpochAccuracy accuracy) {
    return accuracy.epochMillis();
  }

  @Override
  Map<String, Double> scalars(EpochAccuracy accuracy) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(ShownNames.VALIDATION.get("top1"), (double) accuracy.top1() / accuracy.images());
    values.put(ShownNames.VALIDATION.get("top5"), (double) accuracy.top5() / accuracy.images());
    values.put(ShownNames.VALIDATION.get("loss"), accuracy.loss());
    return values;
  }
}
