package io.simmim.pipeline.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Reads what {@link JsonLines} of a run hold, also while the run writes to them. */
public final class StoredLines {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private StoredLines() {}

  /**
   * Visits all complete lines in order; what is not JSON is passed over.
   *
   * @param path a file or a folder of numbered ones; nothing is visited if there is none
   */
  public static void forEach(Path path, Consumer<JsonNode> visitor) throws IOException {
    FileSystem files = path.getFileSystem();
    for (Path file : files(files, path)) {
      try (InputStream in = new BufferedInputStream(files.open(file), 1 << 16)) {
        lines(in, visitor);
      } catch (FileNotFoundException e) {
        return; // a run that starts over has moved it away
      }
    }
  }

  private static List<Path> files(FileSystem files, Path path) throws IOException {
    try {
      FileStatus status = files.getFileStatus(path);
      return status.isDir()
          ? List.copyOf(SegmentedJsonLines.segments(path).values())
          : List.of(path);
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static void lines(InputStream in, Consumer<JsonNode> visitor) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.write(next);
        if (line.size() > JsonLines.LONGEST_LINE) {
          return; // none of ours
        }
        continue;
      }
      try {
        visitor.accept(MAPPER.readTree(line.toString(StandardCharsets.UTF_8)));
      } catch (JsonProcessingException e) {
        // Half a line that a process left when it died.
      }
      line.reset();
    }
  }
}
