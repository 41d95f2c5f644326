package io.simmim.pipeline.sink;

import io.simmim.schemas.evaluation.ModelFindings;
import org.apache.flink.core.fs.Path;

/**
 * {@code evaluation.jsonl}: one line for each time that the features were measured. Lines behind a
 * checkpoint are dropped: they come again. No line tells a time, so the file is the same whatever
 * happened to the run.
 */
public final class EvaluationSink extends JsonLinesSink<ModelFindings> {
  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public EvaluationSink(Path file) {
    super(file);
  }

  @Override
  String line(ModelFindings findings, long number) {
    return JsonText.of(findings);
  }
}
