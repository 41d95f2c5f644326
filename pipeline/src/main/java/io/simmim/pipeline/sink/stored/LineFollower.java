package io.simmim.pipeline.sink.stored;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * Reads lines that a run is writing, and goes on where it was. What is written must not be dropped
 * meanwhile: another one begins when the job restarts. Not thread-safe.
 */
public final class LineFollower {
  private final Path path;
  private String segment = "";
  private long bytes;
  private LinePlace last;

  /**
   * @param path of the file or folder, on any Flink file system; need not exist yet
   */
  public LineFollower(Path path) {
    this.path = path;
  }

  /**
   * A reader that begins somewhere else.
   *
   * @param from a line, which is the first that comes
   */
  public LineFollower(Path path, LinePlace from) {
    this.path = path;
    segment = from.file();
    bytes = from.bytes();
  }

  /** Where the last line is that was taken; nothing if there is none. */
  public Optional<LinePlace> last() {
    return Optional.ofNullable(last);
  }

  /**
   * Gives the lines behind those that were taken, in their order. What has no end yet, and lines
   * longer than any of ours, are left out.
   *
   * @param take whether a line is taken; if not, it comes again, and no other comes now
   */
  public void forEach(Predicate<String> take) throws IOException {
    for (Map.Entry<String, Path> next : StoredLines.files(path).tailMap(segment, true).entrySet()) {
      if (!next.getKey().equals(segment)) {
        segment = next.getKey();
        bytes = 0;
      }
      if (!read(next.getValue(), take)) {
        return;
      }
    }
  }

  private boolean read(Path file, Predicate<String> take) throws IOException {
    // Seeking behind the end ends in an exception on some file systems, and never on Hadoop's.
    if (bytes > 0 && file.getFileSystem().getFileStatus(file).getLen() < bytes) {
      return true;
    }
    try (FSDataInputStream stream = file.getFileSystem().open(file)) {
      stream.seek(bytes);
      return read(new BufferedInputStream(stream, 1 << 16), take);
    }
  }

  private boolean read(InputStream in, Predicate<String> take) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long length = 0;
    for (int next = in.read(); next >= 0; next = in.read()) {
      length++;
      if (next != '\n') {
        if (length <= StoredLines.LONGEST_LINE) {
          line.write(next);
        }
        continue;
      }
      boolean whole = line.size() > 0 && line.size() == length - 1;
      if (whole && !take.test(line.toString(StandardCharsets.UTF_8))) {
        return false;
      }
      if (whole) {
        last = new LinePlace(segment, bytes);
      }
      bytes += length;
      line.reset();
      length = 0;
    }
    return true;
  }
}
