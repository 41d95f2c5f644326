package io.simmim.operators.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes that only grow, in pieces, so that growing copies nothing: there may be gigabytes of them,
 * and a heap that has room for one more piece need not have room for all of them twice. Not
 * thread-safe.
 */
final class EntryBytes extends OutputStream {
  private static final int FIRST_PIECE = 1 << 10;
  private static final int LARGEST_PIECE = 1 << 24;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] piece = new byte[FIRST_PIECE];
  private int inPiece;
  private int inFull;

  /** How many there are; the caller sees to it that an int holds them. */
  int length() {
    return inFull + inPiece;
  }

  /**
   * @throws IOException if the heap has no room
   */
  @Override
  public void write(int value) throws IOException {
    if (inPiece == piece.length) {
      beginPiece();
    }
    piece[inPiece++] = (byte) value;
  }

  /**
   * @throws IOException if the heap has no room
   */
  @Override
  public void write(byte[] source, int from, int count) throws IOException {
    int done = 0;
    while (done < count) {
      if (inPiece == piece.length) {
        beginPiece();
      }
      int part = Math.min(count - done, piece.length - inPiece);
      System.arraycopy(source, from + done, piece, inPiece, part);
      inPiece += part;
      done += part;
    }
  }

  /** As long as all before it. */
  private void beginPiece() throws IOException {
    byte[] next = allocate(Math.min(LARGEST_PIECE, length()));
    full.add(piece);
    inFull += piece.length;
    piece = next;
    inPiece = 0;
  }

  private static byte[] allocate(int bytes) throws IOException {
    try {
      return new byte[bytes];
    } catch (OutOfMemoryError e) {
      throw new IOException("no room for %,d bytes".formatted(bytes), e);
    }
  }

  /** Copies all to a place in an array. */
  void copyTo(byte[] target, int at) {
    int next = at;
    for (byte[] one : full) {
      System.arraycopy(one, 0, target, next, one.length);
      next += one.length;
    }
    System.arraycopy(piece, 0, target, next, inPiece);
  }

  /**
   * A copy of all.
   *
   * @throws IOException if the heap has no room
   */
  byte[] toArray() throws IOException {
    byte[] all = allocate(length());
    copyTo(all, 0);
    return all;
  }
}
