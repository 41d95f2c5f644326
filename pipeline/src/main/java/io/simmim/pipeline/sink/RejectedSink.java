package io.simmim.pipeline.sink;

import io.simmim.schemas.RejectedImage;
import org.apache.flink.core.fs.Path;

/**
 * {@code rejected.jsonl}: each image that could not be used once, with URI, reason, sample id,
 * version where it is known, and time. The trainer sends each image once. Lines behind a checkpoint
 * are dropped: those images are rejected again, or, where images keep arriving, the ids stand for
 * other images then.
 */
public final class RejectedSink extends JsonLinesSink<RejectedImage> {
  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public RejectedSink(Path file) {
    super(file);
  }

  @Override
  String line(RejectedImage image, long number) {
    return JsonText.of(image);
  }
}
