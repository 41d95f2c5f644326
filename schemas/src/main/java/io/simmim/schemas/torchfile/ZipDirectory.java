package io.simmim.schemas.torchfile;

import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the entries of a zip archive lie in it. As {@code torch.save} writes them they are stored,
 * not compressed, and follow each other; archives with others are refused, so none can expand.
 *
 * <p>Source: APPNOTE.TXT of the format, with the extensions for large archives (4.3.14, 4.5.3).
 */
final class ZipDirectory {
  /**
   * One entry.
   *
   * @param start first byte of its content in the file
   * @param length of its content
   */
  record Entry(String name, long start, long length) {
    long end() {
      return start + length;
    }
  }

  private static final int END_BYTES = 22;
  private static final int LONGEST_COMMENT = 0xFFFF;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END_64_BYTES = 56;
  private static final int END_64_SIGNATURE = 0x06064b50;
  private static final int ENTRY_BYTES = 46;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int LOCAL_BYTES = 30;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LARGE_FIELDS = 1;
  private static final long LARGE = 0xFFFFFFFFL;
  private static final int ENCRYPTED = 1;
  private static final int SIZES_FOLLOW = 8;
  private static final int LONGEST_DIRECTORY = 16 << 20;
  private static final int LONGEST_NAME = 200;

  private final FileChannel channel;
  private long directoryStart;
  private long directoryLength;

  private ZipDirectory(FileChannel channel) {
    this.channel = channel;
  }

  /** The entries by name, in the order of the directory. */
  static Map<String, Entry> read(FileChannel channel) throws IOException {
    ZipDirectory directory = new ZipDirectory(channel);
    directory.findDirectory();
    return directory.entries();
  }

  private ByteBuffer bytes(long start, long length) throws IOException {
    if (start < 0 || length < 0 || start > channel.size() - length) {
      throw damaged("a part is outside of the file");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    long at = start;
    while (bytes.hasRemaining()) {
      int read = channel.read(bytes, at);
      if (read < 0) {
        throw damaged("the file ends too early");
      }
      at += read;
    }
    return bytes.flip();
  }

  private void findDirectory() throws IOException {
    long size = channel.size();
    int searched = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
    ByteBuffer tail = bytes(size - searched, searched);
    for (int at = searched - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END_SIGNATURE
          && Short.toUnsignedInt(tail.getShort(at + 20)) == searched - at - END_BYTES) {
        directoryLength = Integer.toUnsignedLong(tail.getInt(at + 12));
        directoryStart = Integer.toUnsignedLong(tail.getInt(at + 16));
        findLarge(size - searched + at);
        if (directoryLength > LONGEST_DIRECTORY) {
          throw damaged(
              "its directory must have up to %d bytes: %d"
                  .formatted(LONGEST_DIRECTORY, directoryLength));
        }
        return;
      }
    }
    throw damaged("it has no directory");
  }

  /** Archives of more than 4 GiB have a second end record. */
  private void findLarge(long end) throws IOException {
    if (end < LOCATOR_BYTES) {
      return;
    }
    ByteBuffer locator = bytes(end - LOCATOR_BYTES, LOCATOR_BYTES);
    if (locator.getInt(0) != LOCATOR_SIGNATURE) {
      return;
    }
    ByteBuffer large = bytes(locator.getLong(8), END_64_BYTES);
    if (large.getInt(0) != END_64_SIGNATURE) {
      throw damaged("its directory is not where it must be");
    }
    directoryLength = large.getLong(40);
    directoryStart = large.getLong(48);
  }

  private Map<String, Entry> entries() throws IOException {
    ByteBuffer directory = bytes(directoryStart, directoryLength);
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<long[]> extents = new ArrayList<>();
    while (directory.remaining() >= ENTRY_BYTES) {
      readEntry(directory, entries, extents);
    }
    if (directory.hasRemaining()) {
      throw damaged("its directory ends within an entry");
    }
    extents.sort(Comparator.comparingLong(extent -> extent[0]));
    for (int i = 1; i < extents.size(); i++) {
      if (extents.get(i)[0] < extents.get(i - 1)[1]) {
        throw damaged("two entries overlap at byte " + extents.get(i)[0]);
      }
    }
    return entries;
  }

  private void readEntry(ByteBuffer directory, Map<String, Entry> entries, List<long[]> extents)
      throws IOException {
    int at = directory.position();
    if (directory.getInt(at) != ENTRY_SIGNATURE) {
      throw damaged("its directory has no entry where one must be");
    }
    int flags = directory.getShort(at + 8);
    int method = Short.toUnsignedInt(directory.getShort(at + 10));
    long packed = Integer.toUnsignedLong(directory.getInt(at + 20));
    long length = Integer.toUnsignedLong(directory.getInt(at + 24));
    int nameLength = Short.toUnsignedInt(directory.getShort(at + 28));
    int extraLength = Short.toUnsignedInt(directory.getShort(at + 30));
    int commentLength = Short.toUnsignedInt(directory.getShort(at + 32));
    long local = Integer.toUnsignedLong(directory.getInt(at + 42));
    directory.position(at + ENTRY_BYTES);
    if (directory.remaining() < nameLength + extraLength + commentLength) {
      throw damaged("its directory ends within an entry");
    }
    byte[] nameBytes = new byte[nameLength];
    directory.get(nameBytes);
    String name = new String(nameBytes, StandardCharsets.UTF_8);
    ByteBuffer extra = directory.slice().order(ByteOrder.LITTLE_ENDIAN).limit(extraLength);
    directory.position(directory.position() + extraLength + commentLength);
    long[] large = largeFields(extra, length == LARGE, packed == LARGE, local == LARGE);
    length = length == LARGE ? large[0] : length;
    packed = packed == LARGE ? large[1] : packed;
    local = local == LARGE ? large[2] : local;
    if (method != 0 || (flags & ENCRYPTED) != 0 || packed != length) {
      throw new IOException(
          "entry %s of the archive must be stored, neither compressed nor encrypted"
              .formatted(shown(name)));
    }
    Entry entry = locate(name, nameBytes, flags, local, length);
    if (entries.put(name, entry) != null) {
      throw damaged("it has two entries " + shown(name));
    }
    extents.add(new long[] {local, entry.end()});
  }

  /** Size, packed size and offset, of those that the entry itself has no room for. */
  private static long[] largeFields(ByteBuffer extra, boolean... wanted) throws IOException {
    long[] fields = new long[wanted.length];
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int size = Short.toUnsignedInt(extra.getShort());
      if (size > extra.remaining()) {
        break;
      }
      int next = extra.position() + size;
      for (int i = 0; id == LARGE_FIELDS && i < wanted.length; i++) {
        if (wanted[i] && next - extra.position() >= Long.BYTES) {
          fields[i] = extra.getLong();
          wanted[i] = false;
        }
      }
      extra.position(next);
    }
    for (boolean missing : wanted) {
      if (missing) {
        throw damaged("an entry has no size");
      }
    }
    return fields;
  }

  /** The content begins behind a header of its own, which must say the same. */
  private Entry locate(String name, byte[] nameBytes, int flags, long local, long length)
      throws IOException {
    ByteBuffer header = bytes(local, LOCAL_BYTES);
    int nameLength = Short.toUnsignedInt(header.getShort(26));
    int extraLength = Short.toUnsignedInt(header.getShort(28));
    long start = local + LOCAL_BYTES + nameLength + extraLength;
    if (header.getInt(0) != LOCAL_SIGNATURE
        || nameLength != nameBytes.length
        || !bytes(local + LOCAL_BYTES, nameLength).equals(ByteBuffer.wrap(nameBytes))) {
      throw damaged("entry %s is not where its directory says".formatted(shown(name)));
    }
    long claimed = Integer.toUnsignedLong(header.getInt(22));
    if ((flags & SIZES_FOLLOW) == 0 && claimed != LARGE && claimed != length) {
      throw damaged(
          "entry %s has %d bytes in its directory and %d in its header"
              .formatted(shown(name), length, claimed));
    }
    if (length < 0 || start > directoryStart || length > directoryStart - start) {
      throw damaged("entry %s claims %d bytes, more than there are".formatted(shown(name), length));
    }
    return new Entry(name, start, length);
  }

  private static String shown(String name) {
    return PrintableText.of(
        name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…");
  }

  private static IOException damaged(String reason) {
    return new IOException("its archive is damaged: " + reason);
  }
}
