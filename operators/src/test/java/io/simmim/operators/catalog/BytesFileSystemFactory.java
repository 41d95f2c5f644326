package io.simmim.operators.catalog;

import java.net.URI;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.memory.ByteArrayInputStreamWithPos;

/** One file in memory, at {@code bytes:/file}: fuzz tests read it a thousand times a second. */
public final class BytesFileSystemFactory implements FileSystemFactory {
  public static final Path FILE = new Path("bytes:/file");

  private static volatile byte[] content = {};
  private static final LongAdder bytesRead = new LongAdder();

  /** Replaces the file. */
  public static void write(byte[] bytes) {
    content = bytes;
    bytesRead.reset();
  }

  /** Bytes read since the file was written. */
  public static long bytesRead() {
    return bytesRead.sum();
  }

  @Override
  public String getScheme() {
    return "bytes";
  }

  @Override
  public FileSystem create(URI uri) {
    return new Files();
  }

  private static final class Files extends LocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("bytes:///");
    }

    @Override
    public FileStatus getFileStatus(Path path) {
      return new Status(path, content.length);
    }

    @Override
    public FSDataInputStream open(Path path) {
      return new Input(content);
    }
  }

  private record Status(Path path, long length) implements FileStatus {
    @Override
    public long getLen() {
      return length;
    }

    @Override
    public long getBlockSize() {
      return length;
    }

    @Override
    public short getReplication() {
      return 1;
    }

    @Override
    public long getModificationTime() {
      return 0;
    }

    @Override
    public long getAccessTime() {
      return 0;
    }

    @Override
    public boolean isDir() {
      return false;
    }

    @Override
    public Path getPath() {
      return path;
    }
  }

  private static final class Input extends FSDataInputStream {
    private final ByteArrayInputStreamWithPos in;

    Input(byte[] bytes) {
      in = new ByteArrayInputStreamWithPos(bytes);
    }

    @Override
    public void seek(long position) {
      in.setPosition(Math.toIntExact(position));
    }

    @Override
    public long getPos() {
      return in.getPosition();
    }

    @Override
    public int read() {
      bytesRead.increment();
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      int read = in.read(bytes, offset, length);
      bytesRead.add(Math.max(0, read));
      return read;
    }

    @Override
    public long skip(long count) {
      return in.skip(count);
    }
  }
}
