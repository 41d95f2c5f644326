package io.simmim.schemas.storage;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** Files of this machine as if they were elsewhere, under the scheme {@code elsewhere}. */
public final class ElsewhereFileSystemFactory implements FileSystemFactory {
  private static final String SCHEME = "elsewhere";

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
    };
  }
}
