package io.simmim.operators.catalog.tar;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One header block of a tar archive: POSIX ustar (IEEE Std 1003.1, pax), the older V7 form, and the
 * extensions of GNU tar and star that change where content is.
 *
 * @param name with the prefix of ustar and star
 * @param size bytes of content that follow
 * @param type the type flag
 * @param extended whether a GNU sparse map goes on in the next block
 */
public record TarHeader(String name, long size, char type, boolean extended) {
  public static final int BLOCK = 512;

  private static final int NAME = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE = 12;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM = 8;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX = 155;
  private static final int STAR_PREFIX = 131;
  private static final int GNU_EXTENDED_AT = 482;
  private static final int STAR_MAGIC_AT = 508;

  static boolean isZero(byte[] block) {
    for (byte value : block) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a block that is not zero.
   *
   * @throws DamagedShardException if it is not a header
   */
  static TarHeader parse(byte[] block) throws DamagedShardException {
    requireChecksum(block);
    char type = (char) (block[TYPE_AT] & 0xFF);
    String name = text(block, 0, NAME);
    // GNU's own magic has a space here and keeps other things where the prefix is.
    boolean posix = "ustar".equals(text(block, MAGIC_AT, 6));
    if (posix) {
      boolean star = "tar".equals(text(block, STAR_MAGIC_AT, 4));
      String prefix = text(block, PREFIX_AT, star ? STAR_PREFIX : PREFIX);
      name = prefix.isEmpty() ? name : prefix + "/" + name;
    }
    return new TarHeader(
        name, number(block, SIZE_AT, SIZE, "size"), type, block[GNU_EXTENDED_AT] != 0);
  }

  /** Whether it describes a file whose content follows as it is. */
  boolean isFile() {
    // V7 archives have no type of folders: their names end in a slash.
    return type == '0' || type == '7' || (type == 0 && !name.endsWith("/"));
  }

  /** Bytes of content that follow in blocks. Links, folders and devices have none. */
  long contentBytes() {
    return type >= '1' && type <= '6' ? 0 : size;
  }

  /** What people call this type. */
  String typeName() {
    return switch (type) {
      case '1' -> "a hard link";
      case '2' -> "a symbolic link";
      case '3', '4' -> "a device";
      case '5' -> "a folder";
      case '6' -> "a named pipe";
      case 'S' -> "a sparse file";
      default -> String.format(Locale.ROOT, "of the unknown type %d", (int) type);
    };
  }

  private static void requireChecksum(byte[] block) throws DamagedShardException {
    long stored = number(block, CHECKSUM_AT, CHECKSUM, "checksum");
    long unsigned = 0;
    long signed = 0; // As some old writers did.
    for (int i = 0; i < BLOCK; i++) {
      byte value = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM ? (byte) ' ' : block[i];
      unsigned += value & 0xFF;
      signed += value;
    }
    if (stored != unsigned && stored != signed) {
      throw new DamagedShardException("the checksum of its header is wrong");
    }
  }

  private static String text(byte[] block, int at, int length) {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  /**
   * Octal digits behind spaces or zeros and up to one, or GNU's base 256 where the first bit is
   * set. What follows the space or zero at their end is left over from the writer's buffer.
   */
  private static long number(byte[] block, int at, int length, String what)
      throws DamagedShardException {
    if (block[at] < 0) {
      return base256(block, at, length, what);
    }
    int from = at;
    int end = at + length;
    while (from < end && isBlank(block[from])) {
      from++;
    }
    long value = 0;
    for (int i = from; i < end && !isBlank(block[i]); i++) {
      if (block[i] < '0' || block[i] > '7') {
        throw new DamagedShardException(
            String.format(Locale.ROOT, "the %s in its header is not a number", what));
      }
      value = value << 3 | (block[i] - '0');
    }
    return value;
  }

  private static boolean isBlank(byte value) {
    return value == ' ' || value == 0;
  }

  private static long base256(byte[] block, int at, int length, String what)
      throws DamagedShardException {
    long value = block[at] & 0x7F;
    for (int i = at + 1; i < at + length; i++) {
      if (value >= 1L << (Long.SIZE - 1 - Byte.SIZE)) {
        throw new DamagedShardException(
            String.format(
                Locale.ROOT, "the %s in its header is negative or larger than 2^63", what));
      }
      value = value << Byte.SIZE | (block[i] & 0xFF);
    }
    return value;
  }
}
