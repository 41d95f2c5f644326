package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // close() of a Flink writer may declare InterruptedException
class RejectedSinkTest {
  @TempDir private Path folder;

  @Test
  void writesWhatIsKnownOfEachImage() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    try (SinkWriter<RejectedImage> writer = sink(file).createWriter(SinkTasks.one())) {
      writer.write(new RejectedImage(4, "file:/a/x.jpg", "not a JPEG: \"GIF8\""), null);
      writer.write(new RejectedImage(2, "s3://b/y.jpg", "empty", "v:1", 1_700_000_000_000L), null);
    }

    assertThat(file)
        .hasContent(
            """
            {"uri":"file:/a/x.jpg","reason":"not a JPEG: \\"GIF8\\"","sample_id":4}
            {"uri":"s3://b/y.jpg","reason":"empty","sample_id":2,"version":"v:1","time":"2023-11-14T22:13:20Z"}
            """);
  }

  @Test
  void dropsLinesAfterTheCheckpoint() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    LinePosition older;
    LinePosition checkpoint;
    try (StatefulSinkWriter<RejectedImage, LinePosition> writer = create(file)) {
      writer.write(image(4), null);
      older = writer.snapshotState(0).get(0);
      writer.write(image(2), null);
      writer.flush(false);
      checkpoint = writer.snapshotState(1).get(0);
      writer.write(image(7), null);
    }
    Files.writeString(file, "{\"uri\":\"fil", StandardOpenOption.APPEND);

    try (StatefulSinkWriter<RejectedImage, LinePosition> writer = restore(file, checkpoint)) {
      assertThat(ids(file)).containsExactly(4L, 2L);
      writer.write(image(9), null);
      assertThat(writer.snapshotState(2).get(0).records()).isEqualTo(3);
    }
    assertThat(ids(file)).containsExactly(4L, 2L, 9L);
    restore(file, older).close();
    assertThat(ids(file)).containsExactly(4L);
  }

  @Test
  void goesOnWithTheLinesThatAreThereWhenSomeWereLost() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    LinePosition lost;
    try (StatefulSinkWriter<RejectedImage, LinePosition> writer = create(file)) {
      writer.write(image(4), null);
      writer.write(image(2), null);
      writer.write(image(3), null);
      lost = writer.snapshotState(1).get(0);
    }
    String first = Files.readAllLines(file).get(0);
    Files.writeString(file, first + "\n");

    LinePosition checkpoint;
    try (StatefulSinkWriter<RejectedImage, LinePosition> writer = restore(file, lost)) {
      writer.write(image(5), null);
      checkpoint = writer.snapshotState(1).get(0);
      writer.write(image(6), null);
    }
    restore(file, checkpoint).close();

    assertThat(ids(file)).containsExactly(4L, 5L);
  }

  @Test
  void beginsAnewWithoutState() throws Exception {
    Path file = folder.resolve("rejected.jsonl");
    Files.writeString(file, "{\"uri\":\"a\",\"reason\":\"b\",\"sample_id\":1}\n");

    new RejectedSink(new org.apache.flink.core.fs.Path(file.toUri()))
        .createWriter(SinkTasks.one())
        .close();

    assertThat(file).isEmptyFile();
  }

  private static RejectedSink sink(Path file) {
    return new RejectedSink(new org.apache.flink.core.fs.Path(file.toUri()));
  }

  private static StatefulSinkWriter<RejectedImage, LinePosition> create(Path file)
      throws Exception {
    return sink(file).createWriter(SinkTasks.one());
  }

  private static StatefulSinkWriter<RejectedImage, LinePosition> restore(
      Path file, LinePosition checkpoint) throws Exception {
    return sink(file).restoreWriter(SinkTasks.one(), List.of(checkpoint));
  }

  private static RejectedImage image(long id) {
    return new RejectedImage(id, "file:/a/" + id + ".jpg", "empty");
  }

  private static List<Long> ids(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> JsonText.number(line, "sample_id").orElseThrow())
        .toList();
  }
}
