package io.simmim.pipeline.tensorboard;

import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.RoomAgain;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Event files of one writer in a folder: a new one each time a run begins or goes on. Their names
 * follow each other, since TensorBoard goes from one to the next and never back.
 *
 * <p>Local files grow record by record. An object is written again by each {@link #sync} until it
 * is long enough; then the next one begins.
 */
final class EventFiles implements Closeable {
  /** About 4,000 steps. */
  static final int LONG_ENOUGH_BYTES = 1 << 20;

  /** What is kept in memory between two calls of {@link #sync} where files do not grow. */
  static final int MOST_IN_MEMORY_BYTES = 16 << 20;

  private static final Pattern NAME =
      Pattern.compile("events\\.out\\.tfevents\\.([0-9]{10})\\.simmim");

  private final Path folder;
  private final FileSystem files;
  private final boolean local;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private Path file;
  private FSDataOutputStream stream;
  private int durable;

  private EventFiles(Path folder, FileSystem files, boolean local) {
    this.folder = folder;
    this.files = files;
    this.local = local;
  }

  /**
   * A new file behind those that are there.
   *
   * @param epochMillis the time, which its name tells in seconds
   */
  static EventFiles begin(Path folder, long epochMillis) throws IOException {
    boolean local = ObjectStore.isLocal(folder.getFileSystem().getUri().getScheme());
    return begin(folder, epochMillis, local);
  }

  /**
   * The same where it is known how files grow.
   *
   * @param local whether they can be appended to
   */
  static EventFiles begin(Path folder, long epochMillis, boolean local) throws IOException {
    EventFiles events = new EventFiles(folder, folder.getFileSystem(), local);
    events.files.mkdirs(folder);
    events.next(epochMillis);
    return events;
  }

  private void next(long epochMillis) throws IOException {
    long number = epochMillis / 1000;
    for (FileStatus other : FolderContent.of(folder)) {
      Matcher name = NAME.matcher(other.getPath().getName());
      if (name.matches()) {
        number = Math.max(number, Long.parseLong(name.group(1)) + 1);
      }
    }
    file = new Path(folder, String.format(Locale.ROOT, "events.out.tfevents.%010d.simmim", number));
    content.reset();
    durable = 0;
    if (local) {
      stream = files.create(file, WriteMode.NO_OVERWRITE);
    }
    append(EventRecord.version(epochMillis));
  }

  /**
   * Appends a record; it may stay in memory until {@link #sync}. If much does, it becomes durable
   * at once: whoever goes on from an earlier step says so, and readers forget it.
   */
  void append(byte[] record) throws IOException {
    if (local) {
      long begin = stream.getPos();
      try {
        RoomAgain.await(
            () -> {
              int written = (int) (stream.getPos() - begin);
              stream.write(record, written, record.length - written);
            });
      } catch (IOException e) {
        throw StorageFailure.unwritten(file.toString(), e);
      }
      return;
    }
    content.writeBytes(record);
    if (content.size() - durable >= MOST_IN_MEMORY_BYTES) {
      sync(System.currentTimeMillis());
    }
  }

  /** Makes all records durable. */
  void sync(long epochMillis) throws IOException {
    if (local) {
      try {
        stream.sync();
      } catch (IOException e) {
        throw StorageFailure.unwritten(file.toString(), e);
      }
    } else if (content.size() > durable) {
      WholeFile.write(file, content.toByteArray());
      durable = content.size();
      if (durable >= LONG_ENOUGH_BYTES) {
        next(epochMillis);
      }
    }
  }

  /** What is not durable is written again by whoever goes on from the last checkpoint. */
  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.close();
    }
  }
}
