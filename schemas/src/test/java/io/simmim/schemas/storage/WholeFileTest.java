package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir private java.nio.file.Path folder;

  @Test
  void replacesAnOlderFileAndLeavesNothingElse() throws IOException {
    Path file = new Path(folder.resolve("file").toString());
    WholeFile.write(file, bytes("old"));

    Path written = WholeFile.write(file, bytes("new"));

    assertThat(written.toUri().toString()).isEqualTo("file://" + folder.resolve("file"));
    assertThat(folder.resolve("file")).hasContent("new");
    assertThat(names()).containsExactly("file");
  }

  /** Whoever is killed, or reads, in between finds one of the two. */
  @Test
  void aFileIsThereAllTheTimeWhileItIsReplaced() throws Exception {
    Path file = new Path(folder.resolve("file").toString());
    WholeFile.write(file, bytes("first"));
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong missing = new AtomicLong();
    Thread reader =
        new Thread(
            () -> {
              while (!done.get()) {
                if (!Files.exists(folder.resolve("file"))) {
                  missing.incrementAndGet();
                }
              }
            });
    reader.start();

    for (int i = 0; i < 2000; i++) {
      WholeFile.write(file, bytes("next"));
    }
    done.set(true);
    reader.join();

    assertThat(missing).hasValue(0);
  }

  @Test
  void namesAFolderThatIsInItsPlace() throws IOException {
    Path file = new Path(Files.createDirectory(folder.resolve("taken")).toString());

    assertThatThrownBy(() -> WholeFile.write(file, bytes("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(folder.resolve("taken") + ": it is a folder");
    assertThat(names()).containsExactly("taken");
  }

  @Test
  void leavesNothingBehindWhenItFails() throws IOException {
    Files.createDirectories(folder.resolve("taken/by-a-folder"));

    assertThatThrownBy(
            () -> WholeFile.write(new Path(folder.resolve("taken").toString()), bytes("new")))
        .isInstanceOf(IOException.class);
    assertThat(names()).containsExactly("taken");
  }

  private List<String> names() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
