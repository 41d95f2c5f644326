package io.simmim.pipeline.sink;

import java.io.Closeable;
import java.io.IOException;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * JSON lines with one writer. What was appended before a {@link #sync} survives a crash of the
 * machine.
 */
interface JsonLines extends Closeable {
  /**
   * Opens lines on any file system: one file where files can be appended to, else a folder of that
   * name. A partial last line is dropped.
   *
   * @param accepted decides for each line that is there already, in order, whether it stays
   */
  static JsonLines open(Path path, Predicate<String> accepted) throws IOException {
    FileSystem files = path.getFileSystem();
    return "file".equals(files.getUri().getScheme())
        ? LocalJsonLines.open(java.nio.file.Path.of(path.toUri().getPath()), accepted)
        : SegmentedJsonLines.open(files, path, accepted);
  }

  /** Appends a line; it may stay in memory until {@link #sync}. */
  void append(String line) throws IOException;

  /** Makes everything appended durable. */
  void sync() throws IOException;
}
