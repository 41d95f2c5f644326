package io.simmim.trainer.model.encoder;

import java.util.ArrayList;
import java.util.List;

/**
 * Geometry of one stage of a Swin Transformer.
 *
 * @param side patches along one side
 * @param window side W of the windows in patches
 * @param reach what version 2 divides offsets by: W - 1 of the windows that its position bias was
 *     trained with, at least 1
 * @param width C of the tokens
 * @param depth number of blocks
 * @param heads attention heads
 */
public record SwinStage(int side, int window, int reach, int width, int depth, int heads) {
  /** A stage whose position bias is trained with its own windows. */
  public SwinStage(int side, int window, int width, int depth, int heads) {
    this(side, window, Math.max(1, window - 1), width, depth, heads);
  }

  /**
   * The stages of an encoder. A window that reaches over a stage's resolution shrinks to it, as in
   * the official code. Windows that do not divide it, which that code refuses, are filled with
   * zeros before they are shifted, as in transformers and in the official code for detection.
   */
  static List<SwinStage> of(EncoderConfig config, int imageSize) {
    List<SwinStage> stages = new ArrayList<>();
    for (int stage = 0; stage < config.depth().size(); stage++) {
      int side = (imageSize / config.patchSize()) >> stage;
      int window = Math.min(side, config.windowSize());
      int pretrained = config.spelledPretrainedWindowSizes().get(stage);
      stages.add(
          new SwinStage(
              side,
              window,
              Math.max(1, (pretrained > 0 ? pretrained : window) - 1),
              config.embedDim() << stage,
              config.depth().get(stage),
              config.numHeads().get(stage)));
    }
    return stages;
  }

  /** Distinct offsets between two patches of a window. */
  int tableRows() {
    return (2 * window - 1) * (2 * window - 1);
  }

  /** (N, N), N = W², row of the bias table for each pair of patches of a window. */
  long[] pairRows() {
    int tokens = window * window;
    int span = 2 * window - 1;
    long[] rows = new long[tokens * tokens];
    for (int from = 0; from < tokens; from++) {
      for (int to = 0; to < tokens; to++) {
        int down = from / window - to / window + window - 1;
        int right = from % window - to % window + window - 1;
        rows[from * tokens + to] = (long) down * span + right;
      }
    }
    return rows;
  }

  /** Whether zeros fill up the last windows. */
  boolean isPadded() {
    return side % window != 0;
  }

  /** Side in patches, with what fills up the last windows. */
  private int paddedSide() {
    return (side + window - 1) / window * window;
  }

  /**
   * (windows, N), which region of the image each patch of a shifted window is from: what wraps
   * around the border is not a neighbour.
   */
  long[] regions() {
    int across = paddedSide() / window;
    int shift = window / 2;
    long[] regions = new long[paddedSide() * paddedSide()];
    for (int i = 0; i < regions.length; i++) {
      int inWindow = i % (window * window);
      int place = i / (window * window);
      int row = place / across * window + inWindow / window;
      int column = place % across * window + inWindow % window;
      regions[i] = 3L * band(row, shift) + band(column, shift);
    }
    return regions;
  }

  /**
   * By how many patches the windows of a block are moved.
   *
   * @param block its number within the stage
   */
  int shift(int block) {
    return window < side ? block % 2 * (window / 2) : 0;
  }

  /**
   * Where the tokens of a block's windows are.
   *
   * @param shift by how many patches the windows are moved
   * @param patchPixels side of a patch of this stage, in pixels
   */
  AttentionLayer attentionLayer(int shift, int patchPixels) {
    int padded = paddedSide();
    int across = padded / window;
    int[] places = new int[padded * padded];
    for (int i = 0; i < places.length; i++) {
      int inWindow = i % (window * window);
      int place = i / (window * window);
      int row = (place / across * window + inWindow / window + shift) % padded;
      int column = (place % across * window + inWindow % window + shift) % padded;
      boolean isPadding = row >= side || column >= side;
      places[i] = isPadding ? AttentionLayer.NOWHERE : row * side + column;
    }
    return new AttentionLayer(heads, side, patchPixels, across * across, places);
  }

  private int band(int at, int shift) {
    if (at < paddedSide() - window) {
      return 0;
    }
    return at < paddedSide() - shift ? 1 : 2;
  }

  /** (rows of the table, 2), the offset in rows and columns that each row stands for. */
  long[] offsets() {
    int span = 2 * window - 1;
    long[] offsets = new long[span * span * 2];
    for (int row = 0; row < span * span; row++) {
      offsets[2 * row] = row / span - (window - 1L);
      offsets[2 * row + 1] = row % span - (window - 1L);
    }
    return offsets;
  }
}
