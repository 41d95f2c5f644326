package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.crop.CropBox;
import java.util.Arrays;

/**
 * Collects decoded blocks as columns of a crop and hands them on in strips, after interpolating
 * subsampled chroma as libjpeg's "fancy upsampling" does (a triangle filter: 3/4 of the nearer and
 * 1/4 of the farther sample in each direction). Not thread-safe; reused.
 *
 * <p>With 4:2:0 a row needs chroma of the rows below it, so the last two rows of a strip wait for
 * the next one.
 */
final class ColumnStrip {
  /**
   * A strip is handed on when it has this many pixels, as long as its rows are within limits: one
   * megabyte stays in the second-level cache. Loops over a column have scalar iterations before and
   * after the vectors, so taller strips need fewer of them.
   */
  private static final int PIXELS = 1 << 18;

  private static final int FEWEST_ROWS = 128;
  private static final int MOST_ROWS = 512;
  private static final int MCU_ROWS = 16;
  private static final int KEPT = 2;
  private static final int LANES = LaneTransform.LANES;

  /** Two channels of chroma in one int, with 16 bits each. */
  private static final int CHROMA_ONES = 0x00010001;

  private static final int CHROMA_MASK = 0x00FF00FF;

  private static final int[][] NO_COLUMNS = {};

  private int[][] columns = NO_COLUMNS;
  private int[][] chroma = NO_COLUMNS;
  private int[][] blended = NO_COLUMNS;
  private final int[] interpolated = new int[MOST_ROWS + MCU_ROWS + KEPT];

  private BaselineFrame frame;
  private CropBox crop;
  private PixelSink sink;

  /** Rows of a strip. */
  private int rows;

  /** Image row of index 0 of the columns, and of the chroma columns in chroma rows. */
  private int top;

  private int chromaTop;

  /** Chroma column of index 0, and how many there are. */
  private int chromaLeft;

  private int chromaColumns;

  /** Image row behind the last one received, and the first one not handed on. */
  private int received;

  private int emitted;

  /**
   * Begins a crop.
   *
   * @param firstMcuColumn of the MCUs that will be delivered
   * @param mcuColumns how many of each row will be delivered
   * @param firstMcuRow of the MCUs that will be delivered
   */
  void begin(
      BaselineFrame newFrame,
      CropBox newCrop,
      PixelSink newSink,
      int firstMcuColumn,
      int mcuColumns,
      int firstMcuRow) {
    frame = newFrame;
    crop = newCrop;
    sink = newSink;
    top = firstMcuRow * frame.mcuHeight();
    chromaTop = firstMcuRow * 8;
    chromaLeft = firstMcuColumn * 8;
    chromaColumns = mcuColumns * 8;
    received = top;
    emitted = crop.top();
    rows = Math.min(Math.max(PIXELS / crop.width(), FEWEST_ROWS), MOST_ROWS);
    int capacity = rows + MCU_ROWS + KEPT;
    columns = reserve(columns, crop.width(), capacity);
    if (frame.isSubsampled()) {
      chroma = reserve(chroma, chromaColumns, capacity);
      blended = reserve(blended, chromaColumns, capacity);
    }
  }

  /** Makes room for {@code count} columns of {@code capacity} rows; keeps those that suffice. */
  private static int[][] reserve(int[][] held, int count, int capacity) {
    int[][] all = held.length < count ? Arrays.copyOf(held, count) : held;
    for (int i = 0; i < count; i++) {
      if (all[i] == null || all[i].length < capacity) {
        all[i] = new int[capacity];
      }
    }
    return all;
  }

  /** Gives back what a rare huge image needed. */
  void trim() {
    sink = null;
    if (heldBytes() > DecodeMemory.KEPT_BYTES) {
      columns = NO_COLUMNS;
      chroma = NO_COLUMNS;
      blended = NO_COLUMNS;
    }
  }

  long heldBytes() {
    return heldBytes(columns) + heldBytes(chroma) + heldBytes(blended);
  }

  private static long heldBytes(int[][] held) {
    long bytes = 0;
    for (int[] column : held) {
      bytes += column == null ? 0 : (long) column.length * Integer.BYTES;
    }
    return bytes;
  }

  /**
   * Stores the blocks of one buffer of lanes.
   *
   * @param lanes at (column, row)
   * @param lane of the block
   * @param left image column of the block's first column
   * @param blockTop image row of the block's first row
   */
  void put(int[] lanes, int lane, int left, int blockTop) {
    int x = left - crop.left();
    int from = Math.max(0, -x);
    int to = Math.min(8, crop.width() - x);
    int y = blockTop - top;
    for (int c = from; c < to; c++) {
      copy(lanes, c * 8 * LANES + lane, columns[x + c], y);
    }
  }

  /** Written out, the eight places need one bounds check: a sixth faster than a loop. */
  private static void copy(int[] lanes, int at, int[] column, int y) {
    column[y] = lanes[at];
    column[y + 1] = lanes[at + LANES];
    column[y + 2] = lanes[at + 2 * LANES];
    column[y + 3] = lanes[at + 3 * LANES];
    column[y + 4] = lanes[at + 4 * LANES];
    column[y + 5] = lanes[at + 5 * LANES];
    column[y + 6] = lanes[at + 6 * LANES];
    column[y + 7] = lanes[at + 7 * LANES];
  }

  /**
   * Stores a chroma block.
   *
   * @param lanes at (column, row), Cb in lane {@code lane} and Cr in lane {@code crLane}
   * @param mcuColumn of the block
   * @param mcuRow of the block
   */
  void putChroma(int[] lanes, int lane, int crLane, int mcuColumn, int mcuRow) {
    int x = mcuColumn * 8 - chromaLeft;
    int y = mcuRow * 8 - chromaTop;
    for (int c = 0; c < 8; c++) {
      int[] column = chroma[x + c];
      for (int r = 0; r < 8; r++) {
        int at = (c * 8 + r) * LANES;
        column[y + r] = lanes[at + lane] | (lanes[at + crLane] << 16);
      }
    }
  }

  /** Says that a row of MCUs is complete; true if {@link #emit} should follow. */
  boolean rowReceived() {
    received += frame.mcuHeight();
    return received - top >= rows;
  }

  /**
   * Hands on what is there.
   *
   * @param transform converts colours
   * @param last whether no more rows will come
   */
  void emit(LaneTransform transform, boolean last) {
    int to = last || frame.verticalSampling == 1 ? received : received - KEPT;
    int from = Math.max(emitted, top);
    to = Math.min(to, crop.bottom());
    if (from < to) {
      if (frame.isSubsampled()) {
        convert(transform, from, to);
      }
      sink.strip(columns, from - top, to - from);
      emitted = to;
    }
    keepTail();
  }

  private void keepTail() {
    if (frame.verticalSampling == 1) {
      top = received;
      chromaTop = received;
      return;
    }
    for (int x = 0; x < crop.width(); x++) {
      System.arraycopy(columns[x], received - KEPT - top, columns[x], 0, KEPT);
    }
    int end = received / 2;
    for (int x = 0; x < chromaColumns; x++) {
      System.arraycopy(chroma[x], end - KEPT - chromaTop, chroma[x], 0, KEPT);
    }
    top = received - KEPT;
    chromaTop = end - KEPT;
  }

  private void convert(LaneTransform transform, int from, int to) {
    int lastColumn = frame.chromaWidth() - 1;
    int firstNeeded = Math.max(0, crop.left() / 2 - 1);
    int lastNeeded = Math.min(lastColumn, (crop.right() - 1) / 2 + 1);
    for (int j = firstNeeded; j <= lastNeeded; j++) {
      blendRows(j - chromaLeft, from, to);
    }
    int scale = frame.verticalSampling == 1 ? 2 : 4;
    for (int x = crop.left(); x < crop.right(); x++) {
      boolean even = (x & 1) == 0;
      int near = x / 2;
      int far = even ? Math.max(near - 1, 0) : Math.min(near + 1, lastColumn);
      // libjpeg alternates the rounding: 1, 2 of 4 and 8, 7 of 16.
      int round = scale == 2 ? (even ? 1 : 2) : (even ? 8 : 7);
      int[] a = blended[near - chromaLeft];
      int[] b = blended[far - chromaLeft];
      blendColumns(a, b, round * CHROMA_ONES, scale, from - top, to - top);
      transform.toRgb(columns[x - crop.left()], interpolated, from - top, to - top);
    }
  }

  /** Vertical interpolation of one chroma column to the rows of the image. */
  private void blendRows(int column, int from, int to) {
    int[] in = chroma[column];
    int[] out = blended[column];
    if (frame.verticalSampling == 1) {
      System.arraycopy(in, from - chromaTop, out, from - top, to - from);
      return;
    }
    int last = frame.chromaHeight() - 1;
    for (int y = from; y < to; y++) {
      int near = y / 2;
      int far = (y & 1) == 0 ? Math.max(near - 1, 0) : Math.min(near + 1, last);
      out[y - top] = 3 * in[near - chromaTop] + in[far - chromaTop];
    }
  }

  private void blendColumns(int[] near, int[] far, int round, int scale, int from, int to) {
    int[] out = interpolated;
    for (int i = from; i < to; i++) {
      out[i] = ((3 * near[i] + far[i] + round) >>> scale) & CHROMA_MASK;
    }
  }
}
