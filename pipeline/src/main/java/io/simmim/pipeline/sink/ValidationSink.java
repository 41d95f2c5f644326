package io.simmim.pipeline.sink;

import io.simmim.schemas.evaluation.EpochAccuracy;
import org.apache.flink.core.fs.Path;

/**
 * {@code validation.jsonl}: one line per epoch of a fine-tuning. Lines behind a checkpoint are
 * dropped: those epochs are trained again.
 */
public final class ValidationSink extends JsonLinesSink<EpochAccuracy> {
  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public ValidationSink(Path file) {
    super(file);
  }

  @Override
  String line(EpochAccuracy accuracy, long number) {
    return JsonText.of(accuracy);
  }
}
