package io.simmim.operators.source;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** Makes {@code flaky:/path} available in tests: local files whose storage can be troubled. */
public final class FlakyFileSystemFactory implements FileSystemFactory {
  @Override
  public String getScheme() {
    return "flaky";
  }

  @Override
  public FileSystem create(URI uri) {
    return FlakyFileSystem.INSTANCE;
  }
}
