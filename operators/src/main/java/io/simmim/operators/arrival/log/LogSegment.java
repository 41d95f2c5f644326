package io.simmim.operators.arrival.log;

import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * One file of a stored log: the bytes from {@code start} to before {@code end}. Stored big-endian:
 * magic number (4 bytes), version (int), start (long), the bytes, SHA-256 of everything before it
 * (32 bytes).
 *
 * @param path named {@code START-END-DIGEST.log}: two numbers of 19 digits, and the beginning of
 *     the digest, so that courses of a run that are equally long do not replace each other
 * @param modified when it was written, milliseconds since 1970
 */
record LogSegment(Path path, long start, long end, long modified) {
  static final int VERSION_1 = 1;
  private static final int MAGIC = 0x534D414C;
  private static final int HEAD = 4 + 4 + 8;
  private static final int DIGEST = 32;

  /** Bytes of the digest that a file's name shows. */
  private static final int NAMED = 8;

  private static final Pattern NAME =
      Pattern.compile("(0[0-9]{18})-(0[0-9]{18})-[0-9a-f]{16}\\.log");

  /** Written in pieces of at most so many bytes. */
  static final int LARGEST = 16 << 20;

  /** What a file holds is not what was written. To read it again does not help. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1;

    Damaged(String message) {
      super(message);
    }
  }

  /** The segment that a file is, judged by its name. */
  static Optional<LogSegment> of(FileStatus file) {
    Matcher name = NAME.matcher(file.getPath().getName());
    if (file.isDir() || !name.matches()) {
      return Optional.empty();
    }
    long start = Long.parseLong(name.group(1));
    long end = Long.parseLong(name.group(2));
    return start < end && end - start <= LARGEST
        ? Optional.of(new LogSegment(file.getPath(), start, end, file.getModificationTime()))
        : Optional.empty();
  }

  /** Writes the bytes of a log from a position to before another one. */
  static LogSegment write(Path folder, ByteLog log, long start, long end) throws IOException {
    byte[] file = file(log, start, end);
    Path path = new Path(folder, name(file, start, end));
    return new LogSegment(WholeFile.write(path, file), start, end, 0);
  }

  /** Whether its bytes are those of a log, judged by its name. */
  boolean isOf(ByteLog log) throws IOException {
    return path.getName().equals(name(file(log, start, end), start, end));
  }

  private static byte[] file(ByteLog log, long start, long end) throws IOException {
    int count = Math.toIntExact(end - start);
    DataOutputSerializer head = new DataOutputSerializer(HEAD);
    head.writeInt(MAGIC);
    head.writeInt(VERSION_1);
    head.writeLong(start);
    byte[] file = new byte[HEAD + count + DIGEST];
    System.arraycopy(head.getSharedBuffer(), 0, file, 0, HEAD);
    log.copy(start, file, HEAD, count);
    System.arraycopy(Sha256.of(file, HEAD + count), 0, file, HEAD + count, DIGEST);
    return file;
  }

  private static String name(byte[] file, long start, long end) {
    int digest = file.length - DIGEST;
    String named = HexFormat.of().formatHex(file, digest, digest + NAMED);
    return String.format(Locale.ROOT, "%019d-%019d-%s.log", start, end, named);
  }

  /**
   * Reads the segment's bytes.
   *
   * @throws Damaged if it is, with what is wrong
   * @throws IOException if it cannot be read now
   */
  byte[] read() throws IOException {
    int count = Math.toIntExact(end - start);
    byte[] file;
    try (InputStream in = path.getFileSystem().open(path)) {
      file = in.readNBytes(HEAD + count + DIGEST + 1);
    }
    if (file.length != HEAD + count + DIGEST) {
      throw new Damaged(
          "%s is damaged: it must have %d bytes".formatted(path, HEAD + count + DIGEST));
    }
    DataInputDeserializer in = new DataInputDeserializer(file);
    if (in.readInt() != MAGIC) {
      throw new Damaged("%s is not a part of a log of arrivals".formatted(path));
    }
    int version = in.readInt();
    if (version != VERSION_1) {
      throw new Damaged(
          "%s has format version %d; this build reads version %d"
              .formatted(path, version, VERSION_1));
    }
    byte[] stored = new byte[DIGEST];
    System.arraycopy(file, HEAD + count, stored, 0, DIGEST);
    if (in.readLong() != start || !Arrays.equals(Sha256.of(file, HEAD + count), stored)) {
      throw new Damaged("%s is damaged: its digest is another one".formatted(path));
    }
    byte[] content = new byte[count];
    System.arraycopy(file, HEAD, content, 0, count);
    return content;
  }
}
