package io.simmim.schemas.storage;

import io.simmim.schemas.bytes.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * A file of any Flink file system as one that this machine reads at any place: itself on a local
 * disk, elsewhere a copy in the folder for temporary files, which goes when this is closed.
 */
public final class LocalCopy implements AutoCloseable {
  private final java.nio.file.Path path;
  private final boolean temporary;

  private LocalCopy(java.nio.file.Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, or its copy not written
   */
  public static LocalCopy of(Path file) throws IOException {
    FileSystem files = file.getFileSystem();
    if (ObjectStore.isLocal(files.getUri().getScheme())) {
      return new LocalCopy(java.nio.file.Path.of(file.getPath()), false);
    }
    long length = files.getFileStatus(file).getLen();
    java.nio.file.Path copy = Files.createTempFile("simmim-copy", "");
    // Into the file that nobody else may read, not in its place.
    try (InputStream in = files.open(file);
        OutputStream out = Files.newOutputStream(copy)) {
      long copied = in.transferTo(out);
      if (copied != length) {
        throw new EOFException("%s must have %d bytes: %d".formatted(file, length, copied));
      }
      return new LocalCopy(copy, true);
    } catch (IOException | RuntimeException e) {
      Files.delete(copy);
      throw e;
    }
  }

  /** Where it is; valid until this is closed. */
  public java.nio.file.Path path() {
    return path;
  }

  /** SHA-256 of the content in lower-case hexadecimal; reads it whole. */
  public String sha256() throws IOException {
    return Sha256.hex(path);
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      Files.deleteIfExists(path);
    }
  }
}
