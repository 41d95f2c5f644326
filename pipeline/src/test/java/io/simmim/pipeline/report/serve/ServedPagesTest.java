package io.simmim.pipeline.report.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.report.story.StoredRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedPagesTest {
  @TempDir private Path folder;

  @Test
  void showTheOthersWhenARunIsDeletedAndNewOnesWhenTheyBegin() throws Exception {
    Path deleted = StoredRun.write(folder.resolve("deleted"));
    StoredRun.write(folder.resolve("stays"));
    StoredRun.write(folder.resolve("stays-too"));
    SlowClock clock = new SlowClock(Duration.ofMillis(1));
    ServedRuns runs = new ServedRuns(List.of(folder.toString()), clock, clock::nanoTime);
    ServedPages pages = new ServedPages(runs);
    assertThat(pages.page(Map.of()).orElseThrow()).contains("3 SimMIM runs");
    try (Stream<Path> files = Files.list(deleted)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }

    clock.pass(Duration.ofSeconds(10)); // read again, but not yet listed again
    assertThat(pages.page(Map.of()).orElseThrow()).contains("2 SimMIM runs");

    StoredRun.write(folder.resolve("new"));
    clock.set(Duration.ofDays(-1)); // somebody sets the clock back
    clock.pass(Duration.ofSeconds(20));
    assertThat(pages.page(Map.of()).orElseThrow()).contains("3 SimMIM runs", ">new</a>");
    assertThat(runs.all()).as("what is gone is forgotten").hasSize(3);
  }
}
