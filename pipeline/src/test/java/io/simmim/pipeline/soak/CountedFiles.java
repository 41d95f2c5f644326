package io.simmim.pipeline.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;

/**
 * Streams that know whether their owner has closed them. The operating system does not tell: the
 * JDK closes files that became garbage, and Flink those that a task has left open at its end.
 */
final class CountedFiles {
  private static final Set<Object> open = ConcurrentHashMap.newKeySet();
  private static final Set<String> left = ConcurrentHashMap.newKeySet();

  private CountedFiles() {}

  /** The streams that are open, and those that were left to Flink's safety net, by their files. */
  static List<String> notClosed() {
    Set<String> files = new TreeSet<>(left);
    open.forEach(stream -> files.add("open: " + stream));
    return new ArrayList<>(files);
  }

  private static void closed(Object stream, Path file) {
    // Flink leaves files of checkpoints that are cancelled to its safety net itself.
    boolean byOwner =
        file.getPath().contains("/checkpoints/")
            || StackWalker.getInstance()
                .walk(
                    frames ->
                        frames.noneMatch(frame -> frame.getClassName().contains("SafetyNet")));
    if (open.remove(stream) && !byOwner) {
      left.add("left to Flink: " + file);
    }
  }

  static final class Input extends FSDataInputStream {
    private final FSDataInputStream stream;
    private final Path file;

    Input(FSDataInputStream stream, Path file) {
      this.stream = stream;
      this.file = file;
      open.add(this);
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public int read() throws IOException {
      return stream.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return stream.read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      closed(this, file);
      stream.close();
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  static final class Output extends FSDataOutputStream {
    private final FSDataOutputStream stream;
    private final Path file;
    private final Runnable whenClosed;

    Output(FSDataOutputStream stream, Path file, Runnable whenClosed) {
      this.stream = stream;
      this.file = file;
      this.whenClosed = whenClosed;
      open.add(this);
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void write(int value) throws IOException {
      stream.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      stream.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void sync() throws IOException {
      stream.sync();
    }

    @Override
    public void close() throws IOException {
      closed(this, file);
      stream.close();
      whenClosed.run();
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }
}
