package io.simmim.pipeline.embed;

import io.simmim.schemas.evaluation.EmbeddedImage;
import io.simmim.schemas.text.KebabCase;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/** The kinds of files that rows are written to. */
public enum RowFormat {
  PARQUET,
  JSONL;

  /**
   * Flink's file sink: a file per task and checkpoint, which appears whole when the checkpoint is
   * complete.
   *
   * @param digest of the model, for each row
   */
  public FileSink<EmbeddedImage> sink(Path folder, String digest) {
    OutputFileConfig names =
        OutputFileConfig.builder().withPartSuffix("." + KebabCase.of(this)).build();
    return switch (this) {
      case PARQUET ->
          FileSink.forBulkFormat(folder, out -> new ParquetRows(out, digest))
              .withBucketAssigner(new BasePathBucketAssigner<>())
              .withOutputFileConfig(names)
              .build();
      case JSONL ->
          FileSink.<EmbeddedImage>forRowFormat(folder, new JsonRows(digest))
              .withBucketAssigner(new BasePathBucketAssigner<>())
              .withRollingPolicy(OnCheckpointRollingPolicy.build())
              .withOutputFileConfig(names)
              .build();
    };
  }
}
