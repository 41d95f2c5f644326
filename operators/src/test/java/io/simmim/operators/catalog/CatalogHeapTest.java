package io.simmim.operators.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.OwnJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogHeapTest {
  @TempDir private Path directory;

  /** Adds images until there is no room for more. */
  public static void main(String[] arguments) {
    CatalogBuilder builder = new CatalogBuilder();
    try {
      for (long i = 0; i < 10_000_000; i++) {
        long number = 10_000_000_000_000_000L + i * 7_919_000;
        builder.add("s3://bucket/train/00000000000000000000000" + number + ".jpg", i);
      }
      System.out.println("all fit");
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
  }

  /** A buffer that is copied to grow is copied for each image once its double finds no room. */
  @Test
  void endsSoonWhereTheHeapIsTooSmall() throws Exception {
    List<String> lines =
        OwnJvm.run(
            CatalogHeapTest.class, directory.resolve("output"), "-XX:+UseParallelGC", "-Xmx70m");

    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .matches(
            "the list of images does not fit into the heap: [0-9,]+ images take [0-9,]+ bytes so far"
                + " \\(a larger -Xmx helps\\)");
  }

  @Test
  void saysThatAStoredListDoesNotFit() throws IOException {
    Path file = directory.resolve("large.catalog");
    CatalogBuilder builder = new CatalogBuilder();
    builder.add("file:/d/a.jpg", 1);
    builder.build(List.of("file:/d")).write(file.toString());
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(Integer.MAX_VALUE - 8);
    }

    assertThatThrownBy(() -> Catalog.read(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the catalog %s does not fit into the heap: it takes 2,147,483,639 bytes (a larger -Xmx helps)"
                .formatted(file));
  }
}
