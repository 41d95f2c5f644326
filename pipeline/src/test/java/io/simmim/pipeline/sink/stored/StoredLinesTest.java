package io.simmim.pipeline.sink.stored;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredLinesTest {
  @TempDir private Path folder;

  @Test
  void findsTheLastLineOfAFileThatIsLongerThanWhatIsRead() throws IOException {
    String lines = lines(1, 200_000);
    Files.writeString(file("metrics.jsonl"), lines + "{\"step\":200001");

    assertThat(lines.length()).isGreaterThan(2 * StoredLines.LONGEST_LINE);
    assertThat(lastStep("metrics.jsonl")).hasValue(200_000L);
  }

  /** Also in one that was about to take the place of another, and past one without whole lines. */
  @Test
  void findsTheLastLineOfNumberedFiles() throws IOException {
    Path parts = Files.createDirectories(file("metrics.jsonl"));
    assertThat(lastStep("metrics.jsonl")).isEmpty();
    Files.writeString(parts.resolve("00000000.jsonl"), lines(1, 3));
    Files.writeString(parts.resolve("00000001.jsonl.next"), lines(4, 5));
    assertThat(lastStep("metrics.jsonl")).hasValue(5L);

    Files.writeString(parts.resolve("00000002.jsonl"), "{\"step\":6");

    assertThat(lastStep("metrics.jsonl")).hasValue(5L);
  }

  @Test
  void findsNoneWhereThereIsNone() throws IOException {
    assertThat(lastStep("nothing.jsonl")).isEmpty();
    Files.writeString(file("other.jsonl"), "no JSON\n");
    assertThat(lastStep("other.jsonl")).isEmpty();
  }

  private static String lines(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj("{\"step\":%d}\n"::formatted)
        .collect(Collectors.joining());
  }

  private Optional<Long> lastStep(String name) throws IOException {
    Optional<JsonNode> last =
        StoredLines.last(new org.apache.flink.core.fs.Path(file(name).toUri()));
    return last.map(line -> line.path("step").asLong());
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
