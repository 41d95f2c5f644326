package io.simmim.pipeline.files;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/**
 * {@code oss:/path} in tests, under the scheme of a store that the product knows: objects appear
 * when they are closed, and a folder is moved file by file.
 */
public final class BrittleObjects implements FileSystemFactory {
  static final String SCHEME = "oss";

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return new BrittleFileSystem(SCHEME);
  }
}
