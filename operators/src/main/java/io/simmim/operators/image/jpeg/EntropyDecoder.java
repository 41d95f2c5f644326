package io.simmim.operators.image.jpeg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the Huffman-coded blocks of a baseline scan (ITU-T T.81, annex F.2), dequantizes them and
 * writes them into lanes (see {@link LaneTransform}). Past the end of the data it reads zeros, and
 * says so when asked. Not thread-safe.
 *
 * <p>Speed: the data is first copied without its stuffing bytes, a window at a time, so that bits
 * are taken 56 at a time without a branch, and one table lookup resolves a code with its magnitude
 * for 97 of 100 coefficients.
 */
final class EntropyDecoder {
  private static final VarHandle LONG_VIEW =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int SHIFT = Long.SIZE - HuffmanTable.LOOKUP_BITS;

  /** Bytes that are copied at once: whatever a file's length, no more is held. */
  private static final int WINDOW = 1 << 16;

  /** More than an MCU has: ten blocks of 64 codes, which with magnitudes take at most 31 bits. */
  private static final int LONGEST_MCU = 1 << 12;

  /** The last position of a block. */
  private static final int LAST = 63;

  /** Codes that the lookup resolves are at most {@link HuffmanTable#LOOKUP_BITS} long. */
  private static final int CODES_PER_REFILL = 56 / HuffmanTable.LOOKUP_BITS;

  /** Positions of a block and beyond: what ends it, overshoots of a damaged one. */
  static final int ZIGZAG_LENGTH = LAST + HuffmanTable.INVALID + 1;

  private byte[] file = new byte[0];

  /**
   * First byte of the file that is not in {@code data}: a marker, or where the next window begins.
   */
  private int fileEnd;

  /** Data up to the next marker, or as much as fits, without stuffing; and eight zeros. */
  private final byte[] data = new byte[WINDOW + 3 * Long.BYTES];

  private int end;
  private int position;

  /** An MCU may begin up to here; behind it the window must slide before. */
  private int lastMcu;

  /** The next bits, left-aligned; at least {@code count} of them are valid. */
  private long bits;

  private int count;
  private boolean damaged;

  /** Begins at a scan's first byte. */
  void begin(byte[] newFile, int at) {
    file = newFile;
    damaged = false;
    beginInterval(at);
  }

  private void beginInterval(int at) {
    fileEnd = at;
    end = 0;
    position = 0;
    bits = 0;
    count = 0;
    fill();
  }

  /** Makes sure that the next MCU is in the window: to be called before each. */
  void advance() {
    if (position > lastMcu) {
      slide();
    }
  }

  /** Keeps what is not used and copies what follows. */
  private void slide() {
    System.arraycopy(data, position, data, 0, end - position);
    end -= position;
    position = 0;
    fill();
  }

  /** Copies up to the next marker, or until the window is full. */
  private void fill() {
    int at = fileEnd;
    int to = end;
    while (to < WINDOW) {
      while (at <= file.length - Long.BYTES && to < WINDOW) {
        long word = (long) LONG_VIEW.get(file, at);
        // No byte of the word is 0xFF: no byte of its complement is zero.
        if (((~word - 0x0101010101010101L) & word & 0x8080808080808080L) != 0) {
          break;
        }
        LONG_VIEW.set(data, to, word);
        at += Long.BYTES;
        to += Long.BYTES;
      }
      int stop = Math.min(file.length, at + Long.BYTES);
      while (at < stop) {
        byte value = file[at];
        if (value == -1) {
          if (at + 1 >= file.length || file[at + 1] != 0) {
            filled(at, to, Integer.MAX_VALUE);
            return;
          }
          at++;
        }
        data[to++] = value;
        at++;
      }
      if (at >= file.length) {
        filled(file.length, to, Integer.MAX_VALUE);
        return;
      }
    }
    filled(at, to, to - LONGEST_MCU);
  }

  private void filled(int at, int to, int last) {
    fileEnd = at;
    end = to;
    lastMcu = last;
    Arrays.fill(data, to, to + Long.BYTES, (byte) 0);
  }

  /**
   * Whether the data was used up or contradictory. Looked at after each row: until then what is
   * decoded is wrong, but harmless.
   */
  boolean isDamaged() {
    return damaged || unread() < 0;
  }

  /** Bits that were not consumed; negative if more were than there are. */
  private long unread() {
    return (end - position) * (long) Byte.SIZE + count;
  }

  /**
   * Goes over a restart marker.
   *
   * @param number 0 to 7
   */
  void restart(int number) {
    int at = fileEnd;
    while (at + 1 < file.length && file[at] == -1 && file[at + 1] == -1) {
      at++;
    }
    if (isDamaged()
        || unread() >= Byte.SIZE
        || at + 1 >= file.length
        || (file[at + 1] & 255) != JpegMarkers.RST0 + number) {
      damaged = true;
      return;
    }
    beginInterval(at + 2);
  }

  /** Whether anything but padding follows what was used: more data, or a marker. */
  boolean isFollowed() {
    int at = fileEnd;
    while (at < file.length && file[at] == -1) {
      at++;
    }
    return unread() >= Byte.SIZE || at < file.length;
  }

  /**
   * Decodes one block.
   *
   * @param dc table of the first coefficient
   * @param ac table of the others
   * @param places (ZIGZAG_LENGTH), where each coefficient goes in {@code lanes}; beyond the block
   *     some place that nobody reads
   * @param lanes where the coefficients go, zero before
   * @param lane added to each place
   * @param predictor the component's previous first coefficient
   * @return this block's first coefficient
   */
  int block(HuffmanTable dc, HuffmanTable ac, int[] places, int[] lanes, int lane, int predictor) {
    refill();
    int entry = entry(dc, bits);
    int value = take(entry) + predictor;
    damaged |= (entry >> HuffmanTable.ADVANCE_SHIFT & HuffmanTable.ADVANCE_MASK) != 0;
    // Sixteen bits, as libjpeg keeps coefficients.
    lanes[lane] = (short) value;
    int k = 0;
    while (k < LAST) {
      k = resolved(ac.lookup, places, lanes, lane, k);
      if (k < LAST) {
        k = unresolved(ac, places, lanes, lane, k);
      }
    }
    // Beyond the block, but not by the end-of-block code: a run too long, or an invalid code.
    damaged |= k > LAST && (k < HuffmanTable.END_OF_BLOCK || k >= HuffmanTable.INVALID);
    return value;
  }

  /**
   * Decodes coefficients up to the end of the block, or up to a code that the lookup does not
   * resolve. The loop works on locals, so that the state stays in registers, and refills them for
   * {@link #CODES_PER_REFILL} codes at a time.
   *
   * @param first position of the coefficient before
   * @return position of the last coefficient
   */
  private int resolved(int[] lookup, int[] places, int[] lanes, int lane, int first) {
    byte[] in = data;
    int end = this.end;
    long next = bits;
    int valid = count;
    int at = position;
    int k = first;
    int consumed;
    block:
    while (true) {
      if (at <= end) {
        next |= (long) LONG_VIEW.get(in, at) >>> valid;
      }
      at += (63 - valid) >> 3;
      valid |= 56;
      consumed = 0;
      for (int i = 0; i < CODES_PER_REFILL; i++) {
        int entry = lookup[(int) (next >>> SHIFT)];
        if ((entry & (HuffmanTable.UNRESOLVED | HuffmanTable.LONG)) != 0) {
          break block;
        }
        next <<= entry;
        consumed += entry;
        k += (entry >> HuffmanTable.ADVANCE_SHIFT) & HuffmanTable.ADVANCE_MASK;
        lanes[lane + places[k]] = entry >> HuffmanTable.VALUE_SHIFT;
        if (k >= LAST) {
          break block;
        }
      }
      valid -= consumed & HuffmanTable.LENGTH_MASK;
    }
    valid -= consumed & HuffmanTable.LENGTH_MASK;
    bits = next;
    count = valid;
    position = at;
    return k;
  }

  /** Decodes one coefficient by whatever code. */
  private int unresolved(HuffmanTable ac, int[] places, int[] lanes, int lane, int before) {
    refill();
    int entry = entry(ac, bits);
    int k = before + ((entry >> HuffmanTable.ADVANCE_SHIFT) & HuffmanTable.ADVANCE_MASK);
    lanes[lane + places[k]] = take(entry);
    return k;
  }

  /** Consumes a code and its magnitude, and returns the value. */
  private int take(int entry) {
    int length = entry & HuffmanTable.LENGTH_MASK;
    int value = entry >> HuffmanTable.VALUE_SHIFT;
    if ((entry & HuffmanTable.UNRESOLVED) != 0) {
      int size = value;
      value = magnitude(bits << length, size);
      length += size;
    }
    bits <<= length;
    count -= length;
    return value;
  }

  /** The entry of the next code. */
  private static int entry(HuffmanTable table, long next) {
    int entry = table.lookup[(int) (next >>> SHIFT)];
    return (entry & HuffmanTable.LONG) == 0
        ? entry
        : table.findLong((int) (next >>> (Long.SIZE - HuffmanTable.MAX_CODE_LENGTH)));
  }

  /** The value that the first {@code size} bits say (T.81, F.2.2.1), without a branch. */
  private static int magnitude(long next, int size) {
    int magnitude = (int) (next >>> 1 >>> (Long.SIZE - 1 - size));
    int belowHalf = (magnitude - (1 << (size - 1))) >> 31;
    return magnitude - (belowHalf & ((1 << size) - 1));
  }

  /** Makes at least 56 bits valid: the longest code and its magnitude take 31. */
  private void refill() {
    if (position <= end) {
      bits |= (long) LONG_VIEW.get(data, position) >>> count;
    }
    position += (63 - count) >> 3;
    count |= 56;
  }
}
