package io.simmim.pipeline.sink;

import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines where files cannot be appended to (object storage): a folder of numbered files. Read in the
 * order of their names they are the whole. The last one is written again by each {@link #sync} that
 * has something to write, until it is long enough; the earlier ones are not touched any more.
 *
 * <p>Lines since the last sync are in memory only, so that a job that has lost its output writes
 * nothing there between two checkpoints.
 */
final class SegmentedJsonLines implements JsonLines {
  /** About 3,000 steps: a million of them are some 350 files. */
  static final int LONG_ENOUGH_BYTES = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(SegmentedJsonLines.class);
  private static final String SUFFIX = ".jsonl";

  /** Of a file that is about to take the place of another, where that takes two steps. */
  private static final String NEXT = ".next";

  private final FileSystem files;
  private final Path folder;

  /** What the last file holds or is to hold. */
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();

  private int segment;

  /** How much of the content is in the file. */
  private int durable;

  private SegmentedJsonLines(FileSystem files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  static SegmentedJsonLines open(
      FileSystem files, Path folder, LinePosition position, Predicate<String> before)
      throws IOException {
    SegmentedJsonLines lines = new SegmentedJsonLines(files, folder);
    NavigableMap<Integer, Path> segments = segments(folder);
    if (!lines.resume(position)) {
      LOG.warn("{} is not what it was at the checkpoint; reading it all", folder);
      lines.resume(segments, before);
    }
    lines.deleteLater(segments);
    lines.deleteReplacements();
    return lines;
  }

  static SegmentedJsonLines reopen(FileSystem files, Path folder, Predicate<String> kept)
      throws IOException {
    SegmentedJsonLines lines = new SegmentedJsonLines(files, folder);
    lines.finishReplacements();
    NavigableMap<Integer, Path> segments = segments(folder);
    lines.resume(segments, kept);
    lines.deleteLater(segments);
    return lines;
  }

  /** Whoever replaced a file may have been stopped between the two steps. */
  private void finishReplacements() throws IOException {
    for (FileStatus status : FolderContent.of(folder)) {
      String name = status.getPath().getName();
      if (name.matches("[0-9]{8}\\.jsonl\\.next")) {
        Path file = new Path(folder, name.substring(0, name.length() - NEXT.length()));
        if (!files.exists(file)) {
          replace(file);
        }
      }
    }
  }

  private void deleteLater(NavigableMap<Integer, Path> segments) throws IOException {
    for (Path later : segments.tailMap(segment, durable == 0).values()) {
      files.delete(later, false);
    }
  }

  /** What was about to take the place of a later file: readers would take it for that one. */
  private void deleteReplacements() throws IOException {
    if (WholeFile.replacesAtOnce(files)) {
      return; // there are none
    }
    for (FileStatus status : FolderContent.of(folder)) {
      if (status.getPath().getName().endsWith(SUFFIX + NEXT)) {
        files.delete(status.getPath(), false);
      }
    }
  }

  private boolean resume(LinePosition position) throws IOException {
    segment = position.segment();
    if (position.bytes() == 0) {
      return true;
    }
    Path file = path(segment);
    byte[] found = read(file, position.bytes());
    if (!position.isIn(found)) {
      // Whoever replaced the file may have been stopped between the two steps.
      found = read(file.suffix(NEXT), position.bytes());
      if (!position.isIn(found)) {
        return false;
      }
      replace(file);
    }
    keep(found, (int) position.bytes());
    return true;
  }

  private void resume(NavigableMap<Integer, Path> segments, Predicate<String> before)
      throws IOException {
    segment = 0;
    for (int number : segments.keySet()) {
      byte[] found = read(path(number), Integer.MAX_VALUE);
      int length = (int) JsonLines.lengthOf(new ByteArrayInputStream(found), before);
      if (length > 0) {
        segment = number;
        keep(found, length);
      }
      if (length < found.length) {
        return;
      }
    }
  }

  /** Goes on behind the first bytes of the file's content, and drops the others at once. */
  private void keep(byte[] found, int length) throws IOException {
    content.reset();
    content.write(found, 0, length);
    durable = length;
    if (length < found.length) {
      write();
    }
  }

  /** So many bytes, and one more if there are more; none if there is no such file. */
  private byte[] read(Path file, long bytes) throws IOException {
    try (InputStream in = files.open(file)) {
      return in.readNBytes((int) Math.min(bytes + 1, Integer.MAX_VALUE));
    } catch (FileNotFoundException e) {
      return new byte[0];
    }
  }

  /** The files of a folder of lines by their numbers. */
  static NavigableMap<Integer, Path> segments(Path folder) throws IOException {
    NavigableMap<Integer, Path> segments = new TreeMap<>();
    for (FileStatus status : FolderContent.of(folder)) {
      String name = status.getPath().getName();
      if (name.matches("[0-9]{8}\\.jsonl")) {
        segments.put(Integer.parseInt(name.substring(0, 8)), status.getPath());
      }
    }
    return segments;
  }

  private Path path(int number) {
    return new Path(folder, String.format(Locale.ROOT, "%08d%s", number, SUFFIX));
  }

  @Override
  public void append(String line) {
    if (durable >= LONG_ENOUGH_BYTES) {
      segment++;
      content.reset();
      durable = 0;
    }
    content.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void sync() throws IOException {
    if (content.size() > durable) {
      write();
      durable = content.size();
    }
  }

  private void write() throws IOException {
    Path file = path(segment);
    if (WholeFile.replacesAtOnce(files)) {
      try (FSDataOutputStream out = files.create(file, WriteMode.OVERWRITE)) {
        content.writeTo(out);
      }
      return;
    }
    try (FSDataOutputStream out = files.create(file.suffix(NEXT), WriteMode.OVERWRITE)) {
      content.writeTo(out);
      out.sync();
    }
    replace(file);
  }

  /** One of the two is whole at any time. */
  private void replace(Path file) throws IOException {
    Path next = file.suffix(NEXT);
    files.delete(file, false); // HDFS does not rename onto a file
    if (!files.rename(next, file)) {
      throw new IOException(String.format(Locale.ROOT, "cannot rename %s to %s", next, file));
    }
  }

  @Override
  public LinePosition position(long records) {
    return new LinePosition(
        records, segment, durable, LinePosition.tailOf(content.toByteArray(), durable));
  }

  @Override
  public void close() {
    // Lines since the last sync belong to no checkpoint: they are written again after a restart.
  }
}
