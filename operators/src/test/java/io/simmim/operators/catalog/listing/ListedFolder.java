package io.simmim.operators.catalog.listing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder with images and others, and what a listing of it shows. */
abstract class ListedFolder {
  @TempDir java.nio.file.Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String name :
        List.of(
            "a/x.jpg",
            "a-b/y.JPG",
            "a.jpg",
            "a/deep/er/z.JpEg",
            "b/.hidden.jpg",
            "b/_under.jpeg",
            "b/20:30:00 #1 %41?.jpg",
            "b/notes.txt",
            "b/jpg",
            "out/demo.jpg")) {
      java.nio.file.Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
    Files.createFile(folder.resolve("empty.jpg"));
  }

  static void refuses(String message, String... uris) {
    assertThatThrownBy(() -> CatalogLister.list(List.of(uris)))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  static Listing list(java.nio.file.Path input) {
    return CatalogLister.listing(List.of(input.toString()), List.of(), ShardReading.defaults());
  }

  String uri(String name) {
    return "file:" + folder + "/" + name;
  }

  static List<ImageRef> refs(Catalog catalog) {
    return LongStream.range(0, catalog.size()).mapToObj(catalog::ref).toList();
  }

  static List<String> uris(Catalog catalog) {
    return refs(catalog).stream().map(ImageRef::uri).toList();
  }
}
