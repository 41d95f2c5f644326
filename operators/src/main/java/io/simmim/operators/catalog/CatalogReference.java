package io.simmim.operators.catalog;

import java.io.Serializable;
import java.util.Objects;

/**
 * Names a stored catalog, so that a checkpoint holds a few bytes instead of a million entries.
 *
 * @param path where the catalog file is, on any Flink file system
 * @param digest SHA-256 of the catalog in lower-case hexadecimal; two catalogs of the same digest
 *     give the same training sequence
 * @param size number of images
 */
public record CatalogReference(String path, String digest, long size) implements Serializable {
  public CatalogReference {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(digest, "digest");
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("digest must be 64 hexadecimal digits: " + digest);
    }
    if (size < 1) {
      throw new IllegalArgumentException("a catalog must have at least one image: " + size);
    }
  }
}
