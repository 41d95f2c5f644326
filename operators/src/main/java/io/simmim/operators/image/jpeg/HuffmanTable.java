package io.simmim.operators.image.jpeg;

import java.util.Arrays;

/**
 * One Huffman table of a baseline JPEG (ITU-T T.81, annex C), with a lookup that resolves a code
 * and the magnitude bits behind it at once: most coefficients cost one load. Not thread-safe.
 *
 * <p>Entries of the lookup, by the next {@link #LOOKUP_BITS} bits:
 *
 * <pre>
 *   bits 0-5    bits to consume: the last six, as a shift of a long looks at no others
 *   bits 6-13   how far this coefficient is from the one before: 1 and the zeros between them;
 *               more than {@link #END_OF_BLOCK} ends the block
 *   bit  14     {@link #UNRESOLVED}: bits 16-31 hold the number of magnitude bits that follow
 *   bit  15     {@link #LONG}: the code is longer than the lookup, or invalid
 *   bits 16-31  the signed value
 * </pre>
 */
final class HuffmanTable {
  static final int LOOKUP_BITS = 11;
  static final int LENGTH_MASK = 63;
  static final int ADVANCE_SHIFT = 6;
  static final int ADVANCE_MASK = 255;
  static final int UNRESOLVED = 1 << 14;
  static final int LONG = 1 << 15;
  static final int VALUE_SHIFT = 16;
  static final int END_OF_BLOCK = 128;
  static final int MAX_CODE_LENGTH = 16;

  /** Ends the block farther out than a valid end does. */
  static final int INVALID = END_OF_BLOCK + 64;

  private static final int ZERO_RUN_LENGTH = 15;

  final int[] lookup = new int[1 << LOOKUP_BITS];

  /** Largest code of each length, left-aligned in 16 bits and exclusive; 0 where there is none. */
  private final int[] limit = new int[MAX_CODE_LENGTH + 1];

  /** What turns a code of a length into an index of {@link #symbols}. */
  private final int[] delta = new int[MAX_CODE_LENGTH + 1];

  private final byte[] symbols = new byte[256];
  private byte[] specification = new byte[0];
  private boolean isDc;

  /**
   * Takes the table from a DHT segment, if it can be a table.
   *
   * @param at first of the 16 counts; the symbols follow
   * @param count number of symbols, at most 256
   * @return whether the counts are possible
   */
  boolean define(byte[] file, int at, int count, boolean dc) {
    int length = MAX_CODE_LENGTH + count;
    if (dc == isDc
        && Arrays.equals(specification, 0, specification.length, file, at, at + length)) {
      return true;
    }
    specification = new byte[0];
    isDc = dc;
    Arrays.fill(lookup, LONG);
    System.arraycopy(file, at + MAX_CODE_LENGTH, symbols, 0, count);
    int code = 0;
    int index = 0;
    for (int bits = 1; bits <= MAX_CODE_LENGTH; bits++) {
      int codes = file[at + bits - 1] & 255;
      if (code + codes > 1 << bits) {
        return false;
      }
      delta[bits] = index - code;
      if (bits <= LOOKUP_BITS) {
        for (int i = 0; i < codes; i++) {
          fill(code + i, bits, symbols[index + i] & 255);
        }
      }
      code += codes;
      index += codes;
      limit[bits] = codes == 0 ? 0 : code << (MAX_CODE_LENGTH - bits);
      code <<= 1;
    }
    specification = Arrays.copyOfRange(file, at, at + length);
    return true;
  }

  private void fill(int code, int bits, int symbol) {
    int free = LOOKUP_BITS - bits;
    int first = code << free;
    int size = sizeOf(symbol);
    int advance = advanceOf(symbol) << ADVANCE_SHIFT;
    if (size > free) {
      Arrays.fill(
          lookup, first, first + (1 << free), bits | advance | UNRESOLVED | (size << VALUE_SHIFT));
      return;
    }
    int repeats = 1 << (free - size);
    for (int magnitude = 0; magnitude < 1 << size; magnitude++) {
      int entry = (bits + size) | advance | (extend(magnitude, size) << VALUE_SHIFT);
      int from = first + magnitude * repeats;
      Arrays.fill(lookup, from, from + repeats, entry);
    }
  }

  /** Number of magnitude bits behind a symbol's code. */
  private int sizeOf(int symbol) {
    return isDc ? symbol : symbol & 15;
  }

  /** How far a symbol's coefficient is from the one before. */
  private int advanceOf(int symbol) {
    if (isDc) {
      return 0;
    }
    int run = symbol >> 4;
    return (symbol & 15) == 0 && run != ZERO_RUN_LENGTH ? END_OF_BLOCK : run + 1;
  }

  /** T.81, F.2.2.1: values below half of the range are negative. */
  static int extend(int magnitude, int size) {
    return size > 0 && magnitude < 1 << (size - 1) ? magnitude - (1 << size) + 1 : magnitude;
  }

  /**
   * An unresolved entry for a code longer than the lookup.
   *
   * @param next the next 16 bits
   * @return one with {@link #INVALID} if no code fits
   */
  int findLong(int next) {
    for (int bits = LOOKUP_BITS + 1; bits <= MAX_CODE_LENGTH; bits++) {
      if (next < limit[bits]) {
        int symbol = symbols[((next >> (MAX_CODE_LENGTH - bits)) + delta[bits]) & 255] & 255;
        return bits
            | (advanceOf(symbol) << ADVANCE_SHIFT)
            | UNRESOLVED
            | (sizeOf(symbol) << VALUE_SHIFT);
      }
    }
    return INVALID << ADVANCE_SHIFT;
  }

  /** A DC table may not ask for more bits than a difference has. */
  boolean hasOnlyDcSizes(int count) {
    for (int i = 0; i < count; i++) {
      if ((symbols[i] & 255) > 15) {
        return false;
      }
    }
    return true;
  }
}
