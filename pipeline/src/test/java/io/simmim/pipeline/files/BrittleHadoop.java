package io.simmim.pipeline.files;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/**
 * {@code hdfs:/path} in tests: a file is empty when it is created and grows, nothing is renamed
 * onto a file, and a folder is moved at once.
 */
public final class BrittleHadoop implements FileSystemFactory {
  static final String SCHEME = "hdfs";

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return new BrittleFileSystem(SCHEME);
  }
}
