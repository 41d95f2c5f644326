package io.simmim.pipeline.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedJsonLinesTest {
  @TempDir private Path folder;

  @Test
  void writesOneFilePerSync() throws IOException {
    try (SegmentedJsonLines lines = open(line -> true)) {
      lines.append("{\"step\":1}");
      lines.append("{\"step\":2}");
      lines.sync();
      lines.sync();
      lines.append("{\"step\":3}");
      lines.sync();
      lines.append("{\"step\":4}");
    }

    assertThat(files()).containsExactly("00000000.jsonl", "00000001.jsonl");
    assertThat(all()).isEqualTo("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
  }

  @Test
  void dropsWhatWasWrittenAfterTheCheckpoint() throws IOException {
    try (SegmentedJsonLines lines = open(line -> true)) {
      lines.append("{\"step\":1}");
      lines.append("{\"step\":2}");
      lines.sync();
      lines.append("{\"step\":3}");
      lines.sync();
    }

    try (SegmentedJsonLines lines = open(line -> line.equals("{\"step\":1}"))) {
      lines.append("{\"step\":2}");
      lines.sync();
    }

    assertThat(all()).isEqualTo("{\"step\":1}\n{\"step\":2}\n");
  }

  private SegmentedJsonLines open(Predicate<String> accepted) throws IOException {
    return SegmentedJsonLines.open(
        new LocalFileSystem(), new org.apache.flink.core.fs.Path(folder.toUri()), accepted);
  }

  private Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jsonl"))
          .sorted()
          .toList()
          .stream();
    }
  }

  private String all() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : files().toList()) {
      text.append(Files.readString(folder.resolve(name)));
    }
    return text.toString();
  }
}
