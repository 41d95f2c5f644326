package io.simmim.pipeline.sink;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Lines where files cannot be appended to (object storage): a folder of numbered files, one per
 * {@link #sync} that had something to write. Read in the order of their names they are the whole.
 */
final class SegmentedJsonLines implements JsonLines {
  private static final String SUFFIX = ".jsonl";

  private final FileSystem files;
  private final Path folder;
  private final List<String> pending = new ArrayList<>();
  private int next;

  private SegmentedJsonLines(FileSystem files, Path folder, int next) {
    this.files = files;
    this.folder = folder;
    this.next = next;
  }

  static SegmentedJsonLines open(FileSystem files, Path folder, Predicate<String> accepted)
      throws IOException {
    SegmentedJsonLines lines = new SegmentedJsonLines(files, folder, 0);
    for (Path segment : segments(files, folder)) {
      lines.next = Math.max(lines.next, number(segment) + 1);
      filter(files, segment, accepted);
    }
    return lines;
  }

  private static void filter(FileSystem files, Path segment, Predicate<String> accepted)
      throws IOException {
    List<String> kept = new ArrayList<>();
    boolean dropped = false;
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(files.open(segment), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (accepted.test(line)) {
          kept.add(line);
        } else {
          dropped = true;
        }
      }
    }
    if (kept.isEmpty()) {
      files.delete(segment, false);
    } else if (dropped) {
      write(files, segment, kept);
    }
  }

  private static List<Path> segments(FileSystem files, Path folder) throws IOException {
    FileStatus[] found;
    try {
      found = files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return List.of();
    }
    return found == null
        ? List.of()
        : Arrays.stream(found)
            .map(FileStatus::getPath)
            .filter(path -> path.getName().matches("[0-9]{8}\\.jsonl"))
            .sorted(Comparator.comparing(Path::getName))
            .toList();
  }

  private static int number(Path segment) {
    return Integer.parseInt(segment.getName().substring(0, 8));
  }

  @Override
  public void append(String line) {
    pending.add(line);
  }

  @Override
  public void sync() throws IOException {
    if (pending.isEmpty()) {
      return;
    }
    write(files, new Path(folder, "%08d".formatted(next) + SUFFIX), pending);
    next++;
    pending.clear();
  }

  private static void write(FileSystem files, Path segment, List<String> lines) throws IOException {
    try (FSDataOutputStream out = files.create(segment, WriteMode.OVERWRITE)) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    // Lines since the last sync belong to no checkpoint: they are written again after a restart.
    pending.clear();
  }
}
