package io.simmim.operators.source;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * The local file system with trouble before each open and each question for a status; counts what
 * is read.
 */
public final class FlakyFileSystem extends LocalFileSystem {
  static final FlakyFileSystem INSTANCE = new FlakyFileSystem();

  /** Something that happens to a path. */
  public interface Trouble {
    void at(Path path) throws IOException;
  }

  private static final Trouble NONE = path -> {};
  private static volatile Trouble onOpen = NONE;
  private static volatile Trouble onStatus = NONE;
  private static volatile long truncateAfter = Long.MAX_VALUE;
  private static final LongAdder opens = new LongAdder();
  private static final LongAdder bytesRead = new LongAdder();

  public static void reset() {
    onOpen = NONE;
    onStatus = NONE;
    truncateAfter = Long.MAX_VALUE;
    opens.reset();
    bytesRead.reset();
  }

  /** Streams opened since the last reset. */
  public static long opens() {
    return opens.sum();
  }

  /** Bytes read since the last reset, in pieces of more than one. */
  public static long bytesRead() {
    return bytesRead.sum();
  }

  public static void onOpen(Trouble trouble) {
    onOpen = trouble;
  }

  public static void onStatus(Trouble trouble) {
    onStatus = trouble;
  }

  /** Lets streams end early, as a lost connection may. */
  public static void truncateAfter(int bytes) {
    truncateAfter = bytes;
  }

  @Override
  public URI getUri() {
    return URI.create("flaky:///");
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    onStatus.at(path);
    return super.getFileStatus(path);
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    onOpen.at(path);
    opens.increment();
    return new TruncatedStream(super.open(path), truncateAfter);
  }

  private static final class TruncatedStream extends FSDataInputStream {
    private final FSDataInputStream in;
    private final long limit;

    TruncatedStream(FSDataInputStream in, long limit) {
      this.in = in;
      this.limit = limit;
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public int read() throws IOException {
      return in.getPos() >= limit ? -1 : in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      long rest = limit - in.getPos();
      int read = rest <= 0 ? -1 : in.read(bytes, offset, (int) Math.min(rest, length));
      bytesRead.add(Math.max(0, read));
      return read;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
