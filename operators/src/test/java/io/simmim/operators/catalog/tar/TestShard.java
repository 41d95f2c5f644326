package io.simmim.operators.catalog.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes tar shards: by commons-compress where they are valid, byte by byte where not. */
public final class TestShard {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  private boolean finished;

  /** Long names and large sizes as POSIX has them. */
  public TestShard() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  /** Long names as GNU tar has them. */
  public TestShard withGnuNames() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    return this;
  }

  TestShard file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  public TestShard file(String name, byte[] content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    entry.setModTime(0); // Fractions of seconds would need extended headers.
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
    return this;
  }

  /** A header that commons-compress would not write; its checksum is right. */
  public TestShard header(String name, String size, char type) throws IOException {
    tar.flush();
    bytes.write(rawHeader(name, size, type));
    return this;
  }

  /** Blocks that hold some text. */
  public TestShard blocks(String text) throws IOException {
    tar.flush();
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    bytes.write(content);
    bytes.write(new byte[(TarHeader.BLOCK - content.length % TarHeader.BLOCK) % TarHeader.BLOCK]);
    return this;
  }

  /**
   * A header with any size.
   *
   * @param size the twelve bytes of the field; characters are bytes
   */
  public static byte[] rawHeader(String name, String size, char type) {
    byte[] block = new byte[TarHeader.BLOCK];
    put(block, 0, name);
    put(block, 124, size);
    block[156] = (byte) type;
    put(block, 257, "ustar\00000");
    seal(block);
    return block;
  }

  /** Sets the checksum of a header. */
  public static void seal(byte[] block) {
    put(block, 148, "        ");
    int sum = 0;
    for (byte value : block) {
      sum += value & 0xFF;
    }
    put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
  }

  /** A size in base 256. */
  public static String base256(long size) {
    StringBuilder field = new StringBuilder("\u0080\0\0\0");
    for (int shift = 56; shift >= 0; shift -= 8) {
      field.append((char) (size >>> shift & 0xFF));
    }
    return field.toString();
  }

  private static void put(byte[] block, int at, String text) {
    byte[] latin1 = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(latin1, 0, block, at, latin1.length);
  }

  /** The archive with its end. */
  public byte[] bytes() throws IOException {
    if (!finished) {
      tar.finish();
      finished = true;
    }
    return bytes.toByteArray();
  }

  public Path write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes());
  }
}
