package io.simmim.operators.arrival.log;

/** The bytes of a log, as a {@link RecordCursor} reads them. */
interface LogBytes {
  /** How many there are. */
  long length();

  /**
   * The byte at a position.
   *
   * @throws IndexOutOfBoundsException if the position is not below the length
   */
  byte at(long position);

  /** Copies the bytes from a position on. */
  void copy(long position, byte[] into, int offset, int count);
}
