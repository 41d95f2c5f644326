package io.simmim.pipeline.sink.stored;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.storage.FolderContent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/**
 * Reads JSON lines that a run has written, or is writing: one file, or a folder of numbered ones.
 * One line is in memory at a time. What has no end yet, and lines longer than any of ours, are left
 * out.
 */
public final class StoredLines {
  /** Longer ones are none of ours. Bytes. */
  public static final int LONGEST_LINE = 1 << 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private StoredLines() {}

  /**
   * Gives all lines, in their order; none if there is no such file or folder.
   *
   * @param path on any Flink file system
   */
  public static void forEach(Path path, Consumer<String> action) throws IOException {
    for (Path file : files(path).values()) {
      read(file, action);
    }
  }

  /** The files that the lines are in, by names that tell their order; none if there is none. */
  static NavigableMap<String, Path> files(Path path) throws IOException {
    NavigableMap<String, Path> segments = new TreeMap<>();
    Optional<FileStatus> found = status(path);
    if (found.isEmpty()) {
      return segments;
    }
    if (!found.get().isDir()) {
      segments.put(path.getName(), path);
      return segments;
    }
    for (FileStatus status : FolderContent.of(path)) {
      String name = status.getPath().getName();
      if (name.matches("[0-9]{8}\\.jsonl")) {
        segments.put(name, status.getPath());
      } else if (name.matches("[0-9]{8}\\.jsonl\\.next")) {
        // Whoever was to put it in the place of the other may have been stopped in between.
        segments.putIfAbsent(name.substring(0, name.lastIndexOf('.')), status.getPath());
      }
    }
    return segments;
  }

  /** Gives the same as JSON; lines that are none are left out. */
  public static void forEachNode(Path path, Consumer<JsonNode> action) throws IOException {
    forEach(path, line -> parse(line).ifPresent(action));
  }

  /**
   * Gives the last of the lines as JSON; nothing if there is none, or it is none. Reads no more
   * than the end of each file, beginning with the last one.
   */
  public static Optional<JsonNode> last(Path path) throws IOException {
    for (Path file : files(path).descendingMap().values()) {
      Deque<String> lines = new ArrayDeque<>();
      long length = file.getFileSystem().getFileStatus(file).getLen();
      try (FSDataInputStream in = file.getFileSystem().open(file)) {
        in.seek(Math.max(0, length - LONGEST_LINE));
        read(
            new BufferedInputStream(in, 1 << 16),
            line -> {
              lines.clear();
              lines.add(line);
            });
      }
      if (!lines.isEmpty()) {
        return parse(lines.remove());
      }
    }
    return Optional.empty();
  }

  private static Optional<JsonNode> parse(String line) {
    try {
      return Optional.of(MAPPER.readTree(line));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // half a line that a process left when it died
    }
  }

  private static Optional<FileStatus> status(Path path) throws IOException {
    try {
      return Optional.of(path.getFileSystem().getFileStatus(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static void read(Path file, Consumer<String> action) throws IOException {
    try (InputStream in = new BufferedInputStream(file.getFileSystem().open(file), 1 << 16)) {
      read(in, action);
    }
  }

  private static void read(InputStream in, Consumer<String> action) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        tooLong |= line.size() >= LONGEST_LINE;
        if (!tooLong) {
          line.write(next);
        }
        continue;
      }
      if (!tooLong && line.size() > 0) {
        action.accept(line.toString(StandardCharsets.UTF_8));
      }
      line.reset();
      tooLong = false;
    }
  }
}
