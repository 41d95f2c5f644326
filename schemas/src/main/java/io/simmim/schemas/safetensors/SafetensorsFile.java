package io.simmim.schemas.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;

/**
 * A safetensors file opened for reading: eight bytes of header length (little-endian), a JSON
 * header, the data. The header is checked against the size of the file before anything of its size
 * is allocated; tensors are read on demand, whole or in pieces.
 *
 * <p>Safe for use by several threads. A damaged file is an {@link IOException} that names it.
 *
 * <p>Source: the format's description at github.com/huggingface/safetensors.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The format's own limit. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  private final Path path;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, String> metadata;
  private final Map<String, TensorEntry> tensors;

  private SafetensorsFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    long fileLength = channel.size();
    requireLength(fileLength);
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);
    readFully(0, length);
    int headerLength = headerLength(length.array(), fileLength);
    ByteBuffer header = ByteBuffer.allocate(headerLength);
    readFully(LENGTH_BYTES, header);
    dataStart = (long) LENGTH_BYTES + headerLength;
    HeaderParser parsed = new HeaderParser(header.array(), fileLength - dataStart);
    metadata = Collections.unmodifiableMap(parsed.metadata);
    tensors = Collections.unmodifiableMap(parsed.tensors);
  }

  public static SafetensorsFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new SafetensorsFile(path, channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("not a readable safetensors file: " + path + ": " + e.getMessage(), e);
    }
  }

  /** Whether a file may be one, by its first bytes. */
  public static boolean isOne(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] start = in.readNBytes(LENGTH_BYTES + 1);
      if (start.length <= LENGTH_BYTES) {
        return false;
      }
      long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
      // A file that was cut is one, and so is one with the header of another.
      return start[LENGTH_BYTES] == '{' || (length >= 0 && length <= MAX_HEADER_BYTES);
    }
  }

  /**
   * Checks that a file begins with a header and is as long as that says. Its data is not read.
   *
   * @param in the file from its first byte on, such as one in object storage
   * @param fileLength in bytes
   * @throws IOException that says what is wrong, without the name of the file
   */
  public static void requireWhole(InputStream in, long fileLength) throws IOException {
    requireLength(fileLength);
    int headerLength = headerLength(in.readNBytes(LENGTH_BYTES), fileLength);
    new HeaderParser(in.readNBytes(headerLength), fileLength - LENGTH_BYTES - headerLength);
  }

  private static void requireLength(long fileLength) throws IOException {
    if (fileLength < LENGTH_BYTES) {
      throw new IOException("the file has only " + fileLength + " bytes");
    }
  }

  private static int headerLength(byte[] length, long fileLength) throws IOException {
    long found = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long longest = Math.min(MAX_HEADER_BYTES, fileLength - LENGTH_BYTES);
    if (found < 2 || found > longest) {
      throw new IOException(
          "the header must have 2 to %d bytes: %s"
              .formatted(longest, Long.toUnsignedString(found)));
    }
    return (int) found;
  }

  /** The header's {@code __metadata__}, in the order of the file. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors by name, in the order of the header. */
  public Map<String, TensorEntry> tensors() {
    return tensors;
  }

  /** The entry of a tensor that must be there. */
  public TensorEntry tensor(String name) throws IOException {
    TensorEntry entry = tensors.get(name);
    if (entry == null) {
      throw new IOException("%s has no tensor %s".formatted(path, name));
    }
    return entry;
  }

  /**
   * Reads a whole tensor of less than 2 GiB into a new little-endian heap buffer.
   *
   * @return position 0, limit at the end
   */
  public ByteBuffer read(String name) throws IOException {
    TensorEntry entry = tensor(name);
    if (entry.byteCount() > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: tensor %s is too large to be read at once: %d bytes"
              .formatted(path, name, entry.byteCount()));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) entry.byteCount());
    read(entry, 0, bytes);
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a whole F32 tensor. */
  public float[] readFloats(String name) throws IOException {
    TensorEntry entry = tensor(name);
    if (entry.dtype() != Dtype.F32) {
      throw new IOException(
          "%s: tensor %s must be of type F32: %s".formatted(path, name, entry.dtype()));
    }
    float[] values = new float[Math.toIntExact(entry.elements())];
    read(name).asFloatBuffer().get(values);
    return values;
  }

  /**
   * Fills the remaining space of {@code into} with bytes of a tensor.
   *
   * @param byteOffset first byte, counted from the beginning of the tensor
   */
  public void read(TensorEntry entry, long byteOffset, ByteBuffer into) throws IOException {
    if (byteOffset < 0 || byteOffset > entry.byteCount() - into.remaining()) {
      throw new IllegalArgumentException(
          "tensor %s has %d bytes; cannot read %d from byte %d"
              .formatted(entry.name(), entry.byteCount(), into.remaining(), byteOffset));
    }
    readFully(dataStart + entry.offset() + byteOffset, into);
  }

  private void readFully(long position, ByteBuffer into) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException(path + " ends at byte " + at);
      }
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
