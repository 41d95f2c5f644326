package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PixelSink;
import io.simmim.operators.image.crop.CropBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Decodes the common kind of JPEG (see {@link BaselineFrame}) in Java, bit for bit as libjpeg-turbo
 * does, and only as far as a crop needs it: blocks beside the crop are read but not transformed,
 * rows below it are not read at all.
 *
 * <p>Why not OpenCV for all: Bytedeco's build of it has libjpeg-turbo without its vector code. On
 * photographs of 0.2 megapixels and 110 KB it takes 1.9 ms, PIL 1.6 ms, this 1.4 ms for what a
 * random crop needs ({@code bench data}, docs/benchmarks.md); over half of that is entropy
 * decoding.
 *
 * <p>Not thread-safe. Works in steps: MCUs are decoded into lanes; 64 blocks are transformed
 * together; their pixels go into the columns of a strip; full strips go to the sink.
 */
public final class BaselineJpegDecoder {
  private static final int LANES = LaneTransform.LANES;
  private static final int CHROMA_BUFFER = 2;

  /** MCUs of subsampled images per batch: their Cb and Cr blocks share the 64 lanes of a buffer. */
  private static final int SUBSAMPLED_BATCH = LANES / 2;

  /** One block of an MCU: its component, buffer, and lane (MCU × factor + offset). */
  private record Unit(int component, int buffer, int factor, int offset) {}

  private static final Unit[] GRAY = {new Unit(0, 0, 1, 0)};
  private static final Unit[] FULL = {
    new Unit(0, 0, 1, 0), new Unit(1, 1, 1, 0), new Unit(2, CHROMA_BUFFER, 1, 0)
  };
  private static final Unit[] HALF = {
    new Unit(0, 0, 2, 0),
    new Unit(0, 0, 2, 1),
    new Unit(1, CHROMA_BUFFER, 1, 0),
    new Unit(2, CHROMA_BUFFER, 1, SUBSAMPLED_BATCH)
  };
  private static final Unit[] QUARTER = {
    new Unit(0, 0, 2, 0),
    new Unit(0, 0, 2, 1),
    new Unit(0, 1, 2, 0),
    new Unit(0, 1, 2, 1),
    new Unit(1, CHROMA_BUFFER, 1, 0),
    new Unit(2, CHROMA_BUFFER, 1, SUBSAMPLED_BATCH)
  };

  private final BaselineFrame frame = new BaselineFrame();
  private final EntropyDecoder entropy = new EntropyDecoder();
  private final LaneTransform transform = new LaneTransform();
  private final ColumnStrip strip = new ColumnStrip();
  private final int[] places = BaselineFrame.lanePlaces();
  private final int[][] lanes = new int[3][LaneTransform.SIZE + LANES];

  /** Quantization steps by buffer; a second luma buffer has those of the first. */
  private final int[][] steps = new int[3][LaneTransform.SIZE];

  /** Where blocks beside the crop go. */
  private final int[] nowhere = new int[EntropyDecoder.ZIGZAG_LENGTH];

  private final int[] discarded = new int[1];
  private final int[] predictors = new int[4];
  private final int[] mcuX = new int[LANES];
  private final int[] mcuY = new int[LANES];
  private Unit[] units = GRAY;
  private int batch;
  private int filled;

  /**
   * Decodes one image.
   *
   * @return false if the file is of another kind or damaged; the sink may have got some rows then
   */
  public boolean decode(byte[] file, ImageHeader header, CropBox crop, PixelSink sink) {
    if (!frame.parse(file)
        || !frame.isCommon()
        || frame.width != header.width()
        || frame.height != header.height()) {
      return false;
    }
    units = frame.components == 1 ? GRAY : frame.isSubsampled() ? subsampledUnits() : FULL;
    batch = frame.isSubsampled() ? SUBSAMPLED_BATCH : LANES;
    spreadSteps();
    if (filled > 0) {
      // The image before was damaged.
      clear();
    }
    transform.begin();
    entropy.begin(file, frame.scanStart);
    return decodeRows(crop, sink);
  }

  /**
   * Whether a file without an end marker holds all its blocks, and something behind them: so much
   * libjpeg asks for. Files with several scans, whose end only the marker tells, do not.
   */
  public boolean isWhole(byte[] file) {
    if (!frame.parse(file)) {
      return false;
    }
    units = allUnits();
    entropy.begin(file, frame.scanStart);
    Arrays.fill(predictors, 0);
    for (int row = 0; row < frame.mcuRows(); row++) {
      skip(row * (long) frame.mcuColumns(), frame.mcuColumns());
      if (entropy.isDamaged()) {
        return false;
      }
    }
    return entropy.isFollowed();
  }

  /** An MCU of any sampling; for reading over it. */
  private Unit[] allUnits() {
    List<Unit> all = new ArrayList<>();
    for (int component = 0; component < frame.components; component++) {
      all.addAll(Collections.nCopies(frame.blocks[component], new Unit(component, 0, 0, 0)));
    }
    return all.toArray(new Unit[0]);
  }

  private void spreadSteps() {
    spreadSteps(0, 0, 0);
    if (frame.isSubsampled()) {
      spreadSteps(CHROMA_BUFFER, 1, 2);
    } else if (frame.components > 1) {
      spreadSteps(1, 1, 1);
      spreadSteps(CHROMA_BUFFER, 2, 2);
    }
  }

  private void spreadSteps(int buffer, int first, int second) {
    LaneTransform.spread(
        frame.steps[frame.quantization[first]],
        frame.steps[frame.quantization[second]],
        steps[buffer]);
  }

  private Unit[] subsampledUnits() {
    return frame.verticalSampling == 2 ? QUARTER : HALF;
  }

  private boolean decodeRows(CropBox crop, PixelSink sink) {
    // Interpolated chroma reaches one chroma sample, two pixels, beyond the crop.
    int reach = frame.isSubsampled() ? 2 : 0;
    int left = Math.max(0, crop.left() - reach) / frame.mcuWidth();
    int right = Math.min(frame.width, crop.right() + reach) - 1;
    int columns = right / frame.mcuWidth() + 1 - left;
    int top = Math.max(0, crop.top() - reach) / frame.mcuHeight();
    int bottom = (Math.min(frame.height, crop.bottom() + reach) - 1) / frame.mcuHeight() + 1;
    strip.begin(frame, crop, sink, left, columns, top);
    int all = frame.mcuColumns();
    Arrays.fill(predictors, 0);
    for (int row = 0; row < bottom; row++) {
      if (row < top) {
        skip(row * (long) all, all);
      } else {
        skip(row * (long) all, left);
        decodeMcus(row, left, columns);
        skip(row * (long) all + left + columns, all - left - columns);
      }
      if (entropy.isDamaged()) {
        return false;
      }
      if (row >= top && (strip.rowReceived() || row == bottom - 1)) {
        flush();
        if (transform.isOutOfRange()) {
          return false;
        }
        strip.emit(transform, row == bottom - 1);
      }
    }
    return true;
  }

  /** Gives back what a rare huge image needed. */
  public void trim() {
    strip.trim();
  }

  public long heldBytes() {
    return strip.heldBytes();
  }

  private void beginMcu(long mcu) {
    entropy.advance();
    int interval = frame.restartInterval;
    if (interval > 0 && mcu > 0 && mcu % interval == 0) {
      entropy.restart((int) ((mcu / interval - 1) & 7));
      Arrays.fill(predictors, 0);
    }
  }

  private void skip(long firstMcu, int count) {
    for (int i = 0; i < count; i++) {
      beginMcu(firstMcu + i);
      for (Unit unit : units) {
        decodeBlock(unit.component, nowhere, discarded, 0);
      }
    }
  }

  private void decodeMcus(int row, int left, int count) {
    for (int i = 0; i < count; i++) {
      beginMcu(row * (long) frame.mcuColumns() + left + i);
      for (Unit unit : units) {
        int lane = filled * unit.factor + unit.offset;
        decodeBlock(unit.component, places, lanes[unit.buffer], lane);
      }
      mcuX[filled] = left + i;
      mcuY[filled] = row;
      if (++filled == batch) {
        flush();
      }
    }
  }

  private void decodeBlock(int component, int[] where, int[] into, int lane) {
    predictors[component] =
        entropy.block(
            frame.dc[frame.dcTable[component]],
            frame.ac[frame.acTable[component]],
            where,
            into,
            lane,
            predictors[component]);
  }

  /** Transforms the blocks that are there and puts their pixels into the strip. */
  private void flush() {
    if (filled == 0) {
      return;
    }
    transform.invert(lanes[0], steps[0]);
    if (units == FULL || units == GRAY) {
      flushFull();
    } else {
      flushSubsampled();
    }
    clear();
  }

  private void clear() {
    for (int[] buffer : lanes) {
      Arrays.fill(buffer, 0);
    }
    filled = 0;
  }

  private void flushFull() {
    if (units == GRAY) {
      transform.grayToRgb(lanes[0]);
    } else {
      transform.invert(lanes[1], steps[1]);
      transform.invert(lanes[CHROMA_BUFFER], steps[CHROMA_BUFFER]);
      transform.packChroma(lanes[1], lanes[CHROMA_BUFFER]);
      transform.toRgb(lanes[0], lanes[1], 0, LaneTransform.SIZE);
    }
    for (int i = 0; i < filled; i++) {
      strip.put(lanes[0], i, mcuX[i] * 8, mcuY[i] * 8);
    }
  }

  private void flushSubsampled() {
    boolean quarter = units == QUARTER;
    if (quarter) {
      transform.invert(lanes[1], steps[0]);
    }
    transform.invert(lanes[CHROMA_BUFFER], steps[CHROMA_BUFFER]);
    for (int i = 0; i < filled; i++) {
      int x = mcuX[i] * 16;
      int y = mcuY[i] * frame.mcuHeight();
      strip.put(lanes[0], 2 * i, x, y);
      strip.put(lanes[0], 2 * i + 1, x + 8, y);
      if (quarter) {
        strip.put(lanes[1], 2 * i, x, y + 8);
        strip.put(lanes[1], 2 * i + 1, x + 8, y + 8);
      }
      strip.putChroma(lanes[CHROMA_BUFFER], i, SUBSAMPLED_BATCH + i, mcuX[i], mcuY[i]);
    }
  }
}
