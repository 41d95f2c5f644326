package io.simmim.pipeline.soak;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/**
 * Local files under the scheme {@code unreliable}. Some checkpoints cannot be written. Every so
 * often an image cannot be opened, but not before some checkpoints were completed since the last
 * one: so a run has as many of both on any machine, and gets on.
 */
public final class UnreliableFiles extends LocalFileSystem {
  private static final String SCHEME = "unreliable";
  private static final Pattern CHECKPOINT_FILE = Pattern.compile("/chk-(\\d+)/([^/]+)$");
  private static final String METADATA = "_metadata";

  /** One in so many checkpoints fails: by turns with the state of a task, and with all written. */
  private static final int CHECKPOINTS_PER_FAILED = 4;

  private static final int IMAGES_PER_FAILURE = 100;
  private static final int CHECKPOINTS_PER_FAILURE = 2;

  /** Guards what is below, and tells of completed checkpoints. */
  private static final Object lock = new Object();

  private static int imagesOpened;
  private static int imagesFailed;
  private static int checkpointsCompleted;
  private static boolean held;

  /** Folders of those that failed; Flink tries each several times. */
  private static final Set<Path> checkpointsFailed = new HashSet<>();

  /** Found by Flink through the service of this name. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileSystem create(URI uri) {
      return new UnreliableFiles();
    }
  }

  /**
   * What happened so far in this JVM.
   *
   * @param imagesFailed each of which restarts the job
   * @param checkpointsFailed which could not be written
   * @param checkpointsCompleted whose metadata is there
   */
  record Counts(int imagesFailed, int checkpointsFailed, int checkpointsCompleted) {
    Counts since(Counts earlier) {
      return new Counts(
          imagesFailed - earlier.imagesFailed,
          checkpointsFailed - earlier.checkpointsFailed,
          checkpointsCompleted - earlier.checkpointsCompleted);
    }
  }

  static Counts counts() {
    synchronized (lock) {
      return new Counts(imagesFailed, checkpointsFailed.size(), checkpointsCompleted);
    }
  }

  static String uri(java.nio.file.Path path) {
    return SCHEME + ":" + path.toAbsolutePath();
  }

  /** Lets nobody open an image until {@link #release}. */
  static void hold() {
    synchronized (lock) {
      held = true;
    }
  }

  static void release() {
    synchronized (lock) {
      held = false;
      lock.notifyAll();
    }
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  /** So Flink writes metadata through {@link #create} as well. */
  @Override
  public LocalRecoverableWriter createRecoverableWriter() {
    throw new UnsupportedOperationException("no recoverable writer");
  }

  @Override
  public FSDataInputStream open(Path file) throws IOException {
    if (file.getPath().contains("/images/")) {
      beforeImage(file);
    }
    return new CountedFiles.Input(super.open(file), file);
  }

  private static void beforeImage(Path file) throws IOException {
    synchronized (lock) {
      try {
        while (held) {
          lock.wait();
        }
        imagesOpened++;
        if (imagesOpened % IMAGES_PER_FAILURE == 0) {
          int enough = checkpointsCompleted + CHECKPOINTS_PER_FAILURE;
          while (checkpointsCompleted < enough) {
            lock.wait();
          }
          imagesFailed++;
          throw new IOException("connection lost: " + file);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted before " + file);
      }
    }
  }

  @Override
  public FSDataOutputStream create(Path file, WriteMode mode) throws IOException {
    Matcher checkpoint = CHECKPOINT_FILE.matcher(file.getPath());
    if (!checkpoint.find()) {
      return new CountedFiles.Output(super.create(file, mode), file, () -> {});
    }
    boolean isMetadata = checkpoint.group(2).equals(METADATA);
    long failing = Long.parseLong(checkpoint.group(1)) % (2 * CHECKPOINTS_PER_FAILED);
    if (failing == (isMetadata ? 0 : CHECKPOINTS_PER_FAILED)) {
      synchronized (lock) {
        checkpointsFailed.add(file.getParent());
      }
      throw new IOException("connection lost: " + file);
    }
    return new CountedFiles.Output(
        super.create(file, mode), file, isMetadata ? UnreliableFiles::completed : () -> {});
  }

  private static void completed() {
    synchronized (lock) {
      checkpointsCompleted++;
      lock.notifyAll();
    }
  }
}
