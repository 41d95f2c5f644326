package io.simmim.pipeline.sink;

import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.storage.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * JSON lines with one writer: one file where files can be appended to, else a folder of that name.
 * What was appended before a {@link #sync} survives a crash of the machine.
 */
interface JsonLines extends Closeable {

  /**
   * Opens lines on any file system where a checkpoint left them; what comes after is dropped.
   *
   * @param position where that is
   * @param before decides for each line, in order, whether it belongs before the position. Asked
   *     only if the files do not hold what they held then: they were changed, or the run went back
   *     to an older checkpoint and now returns. Lines up to the first other one stay.
   */
  static JsonLines open(Path path, LinePosition position, Predicate<String> before)
      throws IOException {
    FileSystem files = path.getFileSystem();
    return ObjectStore.isLocal(files.getUri().getScheme())
        ? LocalJsonLines.open(java.nio.file.Path.of(path.toUri().getPath()), position, before)
        : SegmentedJsonLines.open(files, path, position, before);
  }

  /** Opens lines anew: what was there is dropped. */
  static JsonLines begin(Path path) throws IOException {
    return open(path, LinePosition.START, line -> false);
  }

  /**
   * Opens lines on any file system where a reader finds their end.
   *
   * @param kept decides for each line, in order, whether it stays. Lines up to the first other one
   *     do; all of them are read.
   */
  static JsonLines reopen(Path path, Predicate<String> kept) throws IOException {
    FileSystem files = path.getFileSystem();
    return ObjectStore.isLocal(files.getUri().getScheme())
        ? LocalJsonLines.reopen(java.nio.file.Path.of(path.toUri().getPath()), kept)
        : SegmentedJsonLines.reopen(files, path, kept);
  }

  /**
   * Adds lines behind those of a writer that has synced all of its own and appends no more. It may
   * still be open.
   */
  static void append(Path path, List<String> added) throws IOException {
    FileSystem files = path.getFileSystem();
    if (ObjectStore.isLocal(files.getUri().getScheme())) {
      LocalJsonLines.append(java.nio.file.Path.of(path.toUri().getPath()), added);
    } else {
      SegmentedJsonLines lines = SegmentedJsonLines.reopen(files, path, line -> true);
      added.forEach(lines::append);
      lines.sync();
    }
  }

  /** Appends a line; it may stay in memory until {@link #sync}. */
  void append(String line) throws IOException;

  /** Makes everything appended durable. */
  void sync() throws IOException;

  /**
   * The end of what is durable.
   *
   * @param records number of the last record before it
   */
  LinePosition position(long records) throws IOException;

  /** Bytes of the complete lines before the first that is not accepted. */
  static long lengthOf(InputStream in, Predicate<String> accepted) throws IOException {
    long length = 0;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read();
        next >= 0 && line.size() < StoredLines.LONGEST_LINE;
        next = in.read()) {
      line.write(next);
      if (next == '\n') {
        if (!accepted.test(line.toString(StandardCharsets.UTF_8).stripTrailing())) {
          return length;
        }
        length += line.size();
        line.reset();
      }
    }
    return length;
  }
}
