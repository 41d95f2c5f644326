package io.simmim.trainer.export;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** Local files under the scheme {@code unlisted}, whose folders cannot be listed. */
public final class UnlistedFiles extends LocalFileSystem {
  private static final String SCHEME = "unlisted";

  /** Found by Flink through the service of this name. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileSystem create(URI uri) {
      return new UnlistedFiles();
    }
  }

  static Path path(java.nio.file.Path local) {
    return new Path(SCHEME + ":" + local.toAbsolutePath());
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    throw new IOException("listing is refused");
  }
}
