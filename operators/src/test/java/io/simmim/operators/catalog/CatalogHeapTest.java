package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogHeapTest {
  @TempDir private Path directory;

  /** Adds images until there is no room for more. */
  public static void main(String[] arguments) {
    CatalogBuilder builder = new CatalogBuilder();
    try {
      for (long i = 0; i < 10_000_000; i++) {
        builder.add(String.format(Locale.ROOT, "s3://bucket/train/%040d.jpg", i * 7_919_000), i);
      }
      System.out.println("all fit");
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
  }

  /** A buffer that is copied to grow is copied for each image once its double finds no room. */
  @Test
  void endsSoonWhereTheHeapIsTooSmall() throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseG1GC",
                "-Xmx90m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CatalogHeapTest.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }

    List<String> lines = Files.readAllLines(output);
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .matches(
            "the list of images does not fit into the heap: [0-9,]+ images take [0-9,]+ bytes so far"
                + " \\(a larger -Xmx helps\\)");
  }
}
