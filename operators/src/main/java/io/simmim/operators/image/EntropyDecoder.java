package io.simmim.operators.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the Huffman-coded blocks of a baseline scan (ITU-T T.81, annex F.2), dequantizes them and
 * writes them into lanes (see {@link LaneTransform}). Past the end of the data it reads zeros, and
 * says so when asked. Not thread-safe.
 */
final class EntropyDecoder {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int SHIFT = Long.SIZE - HuffmanTable.LOOKUP_BITS;

  /** Positions beyond the block: runs that end it, and the largest overshoot of a damaged one. */
  static final int ZIGZAG_LENGTH = 64 + HuffmanTable.END_OF_BLOCK_RUN + 16;

  private byte[] file = new byte[0];
  private int position;

  /** The next bits, left-aligned; {@code count} of them are valid. */
  private long bits;

  private int count;

  /** How many of the valid bits are zeros that were made up behind the end of the data. */
  private int madeUp;

  private boolean damaged;

  /** Begins at a scan's first byte. */
  void begin(byte[] data, int at) {
    file = data;
    position = at;
    damaged = false;
    resetBits();
  }

  private void resetBits() {
    bits = 0;
    count = 0;
    madeUp = 0;
  }

  /**
   * Whether the data was used up or contradictory. Looked at after each row: until then what is
   * decoded is wrong, but harmless.
   */
  boolean isDamaged() {
    return damaged || madeUp > count;
  }

  /**
   * Goes over a restart marker.
   *
   * @param number 0 to 7
   */
  void restart(int number) {
    if (isDamaged() || count - madeUp >= Byte.SIZE) {
      damaged = true;
      return;
    }
    while (position + 1 < file.length
        && (file[position] & 255) == 0xFF
        && (file[position + 1] & 255) == 0xFF) {
      position++;
    }
    if (position + 1 >= file.length
        || (file[position] & 255) != 0xFF
        || (file[position + 1] & 255) != JpegMarkers.RST0 + number) {
      damaged = true;
      return;
    }
    position += 2;
    resetBits();
  }

  /**
   * Decodes one block.
   *
   * @param dc table of the first coefficient
   * @param ac table of the others
   * @param steps (ZIGZAG_LENGTH), quantization steps in zigzag order, 0 beyond the block
   * @param places (ZIGZAG_LENGTH), where each coefficient goes in {@code lanes}; beyond the block
   *     some place that nobody reads
   * @param lanes where the dequantized coefficients go, zero before
   * @param lane added to each place
   * @param predictor the component's previous first coefficient
   * @return this block's first coefficient, before dequantization
   */
  int block(
      HuffmanTable dc,
      HuffmanTable ac,
      int[] steps,
      int[] places,
      int[] lanes,
      int lane,
      int predictor) {
    if (count < Integer.SIZE) {
      refill();
    }
    int first = dc.lookup[(int) (bits >>> SHIFT)];
    int value;
    if ((first & (HuffmanTable.UNRESOLVED | HuffmanTable.LONG)) == 0) {
      consume(first & HuffmanTable.LENGTH_MASK);
      value = predictor + (first >> HuffmanTable.VALUE_SHIFT);
    } else {
      value = predictor + magnitude(resolve(dc, first));
    }
    // Sixteen bits, as libjpeg keeps coefficients.
    lanes[lane] = (short) value * steps[0];
    coefficients(ac, steps, places, lanes, lane);
    return value;
  }

  private void coefficients(HuffmanTable ac, int[] steps, int[] places, int[] lanes, int lane) {
    int[] lookup = ac.lookup;
    // Locals: the compiler must not assume that a store into the lanes changes the fields.
    long next = bits;
    int valid = count;
    int k = 1;
    do {
      if (valid < Integer.SIZE) {
        bits = next;
        count = valid;
        refill();
        next = bits;
        valid = count;
      }
      int entry = lookup[(int) (next >>> SHIFT)];
      int value;
      if ((entry & (HuffmanTable.UNRESOLVED | HuffmanTable.LONG)) == 0) {
        int length = entry & HuffmanTable.LENGTH_MASK;
        next <<= length;
        valid -= length;
        value = entry >> HuffmanTable.VALUE_SHIFT;
      } else {
        bits = next;
        count = valid;
        entry = resolve(ac, entry);
        value = magnitude(entry);
        next = bits;
        valid = count;
      }
      k += (entry >> HuffmanTable.RUN_SHIFT) & HuffmanTable.RUN_MASK;
      lanes[lane + places[k]] = value * steps[k];
      k++;
    } while (k < 64);
    bits = next;
    count = valid;
    damaged |= k > 64 && k < HuffmanTable.END_OF_BLOCK_RUN;
  }

  private int resolve(HuffmanTable table, int entry) {
    if ((entry & HuffmanTable.LONG) == 0) {
      return entry;
    }
    int found = table.findLong((int) (bits >>> (Long.SIZE - HuffmanTable.MAX_CODE_LENGTH)));
    if (found == 0) {
      damaged = true;
      // Consumes nothing and ends the block.
      return HuffmanTable.END_OF_BLOCK_RUN << HuffmanTable.RUN_SHIFT;
    }
    return found;
  }

  /** Consumes the code of an unresolved entry and the magnitude behind it. */
  private int magnitude(int entry) {
    consume(entry & HuffmanTable.LENGTH_MASK);
    int size = entry >> HuffmanTable.VALUE_SHIFT;
    if (size == 0) {
      return 0;
    }
    int magnitude = (int) (bits >>> (Long.SIZE - size));
    consume(size);
    return HuffmanTable.extend(magnitude, size);
  }

  private void consume(int length) {
    bits <<= length;
    count -= length;
  }

  /** Makes at least 32 bits valid: the longest code and its magnitude take 31. */
  private void refill() {
    if (position <= file.length - Integer.BYTES) {
      int word = (int) INT.get(file, position);
      // No byte of the word is 0xFF: no byte of its complement is zero.
      if (((~word - 0x01010101) & word & 0x80808080) == 0) {
        bits |= (word & 0xFFFFFFFFL) << (Integer.SIZE - count);
        count += Integer.SIZE;
        position += Integer.BYTES;
        return;
      }
    }
    while (count <= Long.SIZE - Byte.SIZE) {
      refillByte();
    }
  }

  private void refillByte() {
    int value = 0;
    if (position >= file.length) {
      madeUp += Byte.SIZE;
    } else {
      value = file[position] & 255;
      if (value != 0xFF) {
        position++;
      } else if (position + 1 < file.length && file[position + 1] == 0) {
        position += 2;
      } else {
        // A marker: the data ends here.
        value = 0;
        madeUp += Byte.SIZE;
      }
    }
    bits |= (long) value << (Long.SIZE - Byte.SIZE - count);
    count += Byte.SIZE;
  }
}
