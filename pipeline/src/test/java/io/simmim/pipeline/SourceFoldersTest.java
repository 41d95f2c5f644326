package io.simmim.pipeline;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of sources, as whoever looks for something walks through them. */
class SourceFoldersTest {
  private static final String PURPOSE = "package-info.java";
  private static final int MOST_CLASSES = 18;
  private static final int MOST_LINES = 350;

  @ParameterizedTest
  @ValueSource(strings = {"schemas", "operators", "trainer", "pipeline"})
  void sayWhatTheyAreForAndHaveFewShortFiles(String module) throws IOException {
    Map<Path, List<Path>> folders = folders(Path.of("..", module, "src", "main", "java"));

    assertThat(folders).isNotEmpty();
    for (List<Path> files : folders.values()) {
      assertThat(files.get(0).resolveSibling(PURPOSE)).isRegularFile();
      assertThat(files).hasSizeLessThanOrEqualTo(MOST_CLASSES + 1);
      for (Path file : files) {
        assertThat(Files.readAllLines(file)).as("%s", file).hasSizeLessThanOrEqualTo(MOST_LINES);
      }
    }
  }

  private static Map<Path, List<Path>> folders(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .collect(groupingBy(Path::getParent));
    }
  }
}
