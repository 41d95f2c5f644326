package io.simmim.schemas.torchfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Bytes of a file from one place to another, read in order and in small pieces. */
final class PickleInput {
  private static final int PIECE_BYTES = 1 << 13;
  private static final int LONGEST_LINE = 256;

  private final FileChannel channel;
  private final long end;
  private final ByteBuffer piece =
      ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long next;

  PickleInput(FileChannel channel, long start, long end) {
    this.channel = channel;
    this.next = start;
    this.end = end;
  }

  /** Place of the next byte in the file. */
  long position() {
    return next - piece.remaining();
  }

  private void require(int bytes) throws IOException {
    if (piece.remaining() >= bytes) {
      return;
    }
    piece.compact();
    long left = end - next;
    piece.limit((int) Math.min(piece.capacity(), piece.position() + left));
    while (piece.hasRemaining()) {
      int read = channel.read(piece, next);
      if (read < 0) {
        break;
      }
      next += read;
    }
    piece.flip();
    if (piece.remaining() < bytes) {
      throw new IOException("its pickle ends too early, at byte " + next);
    }
  }

  int unsignedByte() throws IOException {
    require(1);
    return Byte.toUnsignedInt(piece.get());
  }

  int unsignedShort() throws IOException {
    require(Short.BYTES);
    return Short.toUnsignedInt(piece.getShort());
  }

  int integer() throws IOException {
    require(Integer.BYTES);
    return piece.getInt();
  }

  long longInteger() throws IOException {
    require(Long.BYTES);
    return piece.getLong();
  }

  double bigEndianDouble() throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(longInteger()));
  }

  /** Bytes of a length that the file claims; no more are allocated than there are. */
  byte[] bytes(long length) throws IOException {
    if (length < 0 || length > end - position()) {
      throw new IOException(
          "its pickle claims %s bytes where %d are left"
              .formatted(Long.toUnsignedString(length), end - position()));
    }
    byte[] bytes = new byte[(int) length];
    for (int at = 0; at < length; ) {
      int count = (int) Math.min(PIECE_BYTES, length - at);
      require(count);
      piece.get(bytes, at, count);
      at += count;
    }
    return bytes;
  }

  String text(long length) throws IOException {
    return new String(bytes(length), StandardCharsets.UTF_8);
  }

  /** Text up to the end of the line. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = unsignedByte(); next != '\n'; next = unsignedByte()) {
      if (line.length() == LONGEST_LINE) {
        throw new IOException(
            "its pickle has a name of more than %d bytes".formatted(LONGEST_LINE));
      }
      line.append((char) next);
    }
    return line.toString();
  }
}
