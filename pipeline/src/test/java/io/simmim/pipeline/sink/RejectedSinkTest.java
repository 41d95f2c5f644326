package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.RejectedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // close() of a Flink writer may declare InterruptedException
class RejectedSinkTest {
  @TempDir private Path folder;

  @Test
  void namesEachImageOnceAlsoAfterARestart() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    RejectedSink sink = new RejectedSink(new org.apache.flink.core.fs.Path(file.toUri()));
    RejectedImage first = new RejectedImage(4, "file:/a/x.jpg", "not a JPEG: \"GIF8\"");
    RejectedImage second = new RejectedImage(2, "file:/a/y.jpg", "empty");
    try (SinkWriter<RejectedImage> writer = sink.createWriter(null)) {
      writer.write(first, null);
      writer.write(first, null);
    }
    Files.writeString(file, "{\"uri\":\"fil", StandardOpenOption.APPEND);

    try (SinkWriter<RejectedImage> writer = sink.restoreWriter(null, List.of(0L))) {
      writer.write(first, null);
      writer.write(second, null);
    }

    assertThat(file)
        .hasContent(
            """
            {"uri":"file:/a/x.jpg","reason":"not a JPEG: \\"GIF8\\"","sample_id":4}
            {"uri":"file:/a/y.jpg","reason":"empty","sample_id":2}
            """);
  }

  @Test
  void beginsAnewWithoutState() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    Files.writeString(file, "{\"uri\":\"a\",\"reason\":\"b\",\"sample_id\":1}\n");

    new RejectedSink(new org.apache.flink.core.fs.Path(file.toUri())).createWriter(null).close();

    assertThat(file).isEmptyFile();
  }
}
