package io.simmim.operators.source;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.listing.CatalogLister;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Catalogs of small files. */
public final class TestCatalogs {
  private TestCatalogs() {}

  /** Writes {@code images} files and their catalog; file i holds "image i". */
  public static CatalogReference of(Path folder, int images) throws IOException {
    Path input = Files.createDirectories(folder.resolve("input"));
    for (int i = 0; i < images; i++) {
      Files.writeString(input.resolve("%05d.jpg".formatted(i)), "image " + i);
    }
    return CatalogLister.list(List.of(input.toString()))
        .write(folder.resolve("images.catalog").toString());
  }
}
