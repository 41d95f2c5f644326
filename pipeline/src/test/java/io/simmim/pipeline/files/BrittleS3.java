package io.simmim.pipeline.files;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** {@code s3n:/path} in tests, under a scheme of S3 that its plugin does not take any more. */
public final class BrittleS3 implements FileSystemFactory {
  private static final String SCHEME = "s3n";

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return new BrittleFileSystem(SCHEME);
  }
}
