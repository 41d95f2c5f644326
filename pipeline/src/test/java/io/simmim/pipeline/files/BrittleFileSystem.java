package io.simmim.pipeline.files;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * Local files behind another scheme. Counts its operations; after as many as a test wants, every
 * further one fails, as for a process that was killed or whose storage is gone, until {@link
 * #heal}. What a written file holds after a failure in the middle is as the scheme's store has it.
 */
public final class BrittleFileSystem extends LocalFileSystem {
  private static final AtomicInteger operations = new AtomicInteger();
  private static final AtomicInteger opened = new AtomicInteger();
  private static final AtomicInteger listed = new AtomicInteger();
  private static final AtomicReference<Error> error = new AtomicReference<>();
  private static volatile int allowed = Integer.MAX_VALUE;
  private static volatile String reason = "killed";

  /** Names of files that nobody may read; null while opening works as usual. */
  private static volatile Set<String> denied;

  /** Told of each file before it is renamed. */
  private static volatile Action beforeRenames = path -> {};

  /** Told of each file before it is opened for reading. */
  private static volatile Action beforeOpens = path -> {};

  /** What a test does with a file before something else is done with it. */
  public interface Action {
    void accept(Path file) throws IOException;
  }

  private static final Set<String> triedToOpen = ConcurrentHashMap.newKeySet();

  private final String scheme;

  BrittleFileSystem(String scheme) {
    this.scheme = scheme;
  }

  /** Forgets all counts, and lets everything succeed. */
  public static void heal() {
    failAfter(Integer.MAX_VALUE);
  }

  /** Begins to count anew; so many operations succeed. */
  public static void failAfter(int successes) {
    failAfter(successes, "killed");
  }

  /** As {@link #failAfter(int)}, with the text of the failure. */
  public static void failAfter(int successes, String message) {
    operations.set(0);
    opened.set(0);
    listed.set(0);
    allowed = successes;
    reason = message;
    denied = null;
    beforeRenames = path -> {};
    beforeOpens = path -> {};
    error.set(null);
  }

  /** Lets a test act before each file is renamed, until {@link #heal}. */
  public static void beforeRenames(Action action) {
    beforeRenames = action;
  }

  /**
   * Lets the first attempt to open each file fail, until {@link #heal}.
   *
   * @param names of files that nobody may read
   */
  public static void failFirstOpens(String... names) {
    heal();
    triedToOpen.clear();
    denied = Set.of(names);
  }

  /** Operations since counting began, failed ones included. */
  public static int operations() {
    return operations.get();
  }

  /** Files opened for reading since counting began. */
  public static int opened() {
    return opened.get();
  }

  /** Folders listed since counting began. */
  public static int listed() {
    return listed.get();
  }

  /** Lets the next operation fail with an error. */
  public static void failOnceWith(Error failure) {
    error.set(failure);
  }

  /** Whether it has. */
  public static boolean hasFailed() {
    return error.get() == null;
  }

  /** Lets a test act before each file is opened for reading, until {@link #heal}. */
  public static void beforeOpens(Action action) {
    beforeOpens = action;
  }

  private static void operate() throws IOException {
    Error failure = error.getAndSet(null);
    if (failure != null) {
      throw failure;
    }
    if (operations.incrementAndGet() > allowed) {
      throw new IOException(reason);
    }
  }

  private boolean isObjectStore() {
    return scheme.equals(BrittleObjects.SCHEME);
  }

  @Override
  public URI getUri() {
    return URI.create(scheme + ":///");
  }

  @Override
  public boolean isDistributedFS() {
    return true;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    operate();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    operate();
    listed.incrementAndGet();
    String[] names = pathToFile(folder).list();
    if (names == null) {
      throw new FileNotFoundException("no such folder: " + folder);
    }
    FileStatus[] found = new FileStatus[names.length];
    for (int i = 0; i < names.length; i++) {
      found[i] = super.getFileStatus(new Path(folder, names[i]));
    }
    return found;
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    operate();
    opened.incrementAndGet();
    beforeOpens.accept(path);
    if (denied != null) {
      if (denied.contains(path.getName())) {
        throw new AccessDeniedException(path.toString());
      }
      if (triedToOpen.add(path.getPath())) {
        throw new IOException("Connection reset");
      }
    }
    return new Read(super.open(path), super.getFileStatus(path).getLen());
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    operate();
    return super.mkdirs(path);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    operate();
    return super.delete(path, recursive);
  }

  @Override
  public FSDataOutputStream create(Path path, WriteMode overwrite) throws IOException {
    operate();
    super.mkdirs(path.getParent());
    return new Written(path, isObjectStore() ? null : super.create(path, overwrite));
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    if (isObjectStore() && pathToFile(source).isDirectory()) {
      return renameOneByOne(source, intoFolder(source, target));
    }
    operate();
    beforeRenames.accept(source);
    if (pathToFile(target).isFile()) {
      return false;
    }
    return super.rename(source, intoFolder(source, target));
  }

  /** A folder that is there already takes the source in, as Hadoop's file systems have it. */
  private Path intoFolder(Path source, Path target) {
    return pathToFile(target).isDirectory() ? new Path(target, source.getName()) : target;
  }

  private boolean renameOneByOne(Path source, Path target) throws IOException {
    operate();
    super.mkdirs(target);
    String[] names = pathToFile(source).list();
    for (String name : names == null ? new String[0] : names) {
      rename(new Path(source, name), new Path(target, name));
    }
    return super.delete(source, false);
  }

  /** Hadoop's streams skip for ever, interrupted or not, where a place is behind the end. */
  private static final class Read extends FSDataInputStreamWrapper {
    private final long length;

    Read(FSDataInputStream file, long length) {
      super(file);
      this.length = length;
    }

    @Override
    public void seek(long place) throws IOException {
      if (place > length) {
        throw new IllegalStateException("this would never end: " + place);
      }
      super.seek(place);
    }
  }

  /** What is written appears with the close, or as it comes. */
  private final class Written extends FSDataOutputStream {
    private final Path path;
    private final FSDataOutputStream file;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean closed;

    Written(Path path, FSDataOutputStream file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public long getPos() {
      return content.size();
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      content.write(bytes, offset, length);
      if (file != null) {
        file.write(bytes, offset, length / 2); // the rest comes with the close
        file.flush();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void sync() {}

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      if (file != null) {
        file.close();
      }
      operate();
      try (FSDataOutputStream whole = BrittleFileSystem.super.create(path, WriteMode.OVERWRITE)) {
        whole.write(content.toByteArray());
      }
    }
  }
}
