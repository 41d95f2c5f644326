package io.simmim.pipeline.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** {@code lingering:/path} in tests: local files of a store that takes its time to delete. */
public final class LingeringFiles implements FileSystemFactory {
  private static final String SCHEME = "lingering";

  /** Longer than the end of a small job takes. */
  private static final long DELETION_MILLIS = 500;

  /** Where local files are in it. */
  public static String uri(java.nio.file.Path path) {
    return SCHEME + ":" + path.toAbsolutePath();
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return new LocalFileSystem() {
      @Override
      public URI getUri() {
        return URI.create(SCHEME + ":///");
      }

      @Override
      public boolean delete(Path file, boolean recursive) throws IOException {
        try {
          TimeUnit.MILLISECONDS.sleep(DELETION_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted before " + file);
        }
        return super.delete(file, recursive);
      }
    };
  }
}
