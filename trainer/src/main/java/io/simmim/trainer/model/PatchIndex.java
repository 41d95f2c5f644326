package io.simmim.trainer.model;

import java.util.Arrays;

/**
 * Where the patches of one micro-batch go, worked out on the host: only visible patches need an
 * embedding, only masked ones a prediction, and an image that skips a residual branch needs none of
 * its arithmetic. Rows count over the whole micro-batch.
 *
 * @param visible (V) model patches whose pixels the encoder sees
 * @param wanted (R) cells whose features the encoder returns
 * @param wantedTokens (R) the same, counted with one class token before each image's cells
 * @param kept (branches, images) images that keep a branch, then zeros
 * @param keptCounts (branches) how many images keep a branch
 * @param attentionSource (Q) wanted tokens of the images that keep the last attention, counted
 *     among these images' tokens
 * @param attentionTarget (Q) their places among the wanted
 * @param mlpTarget (M) places among the wanted of the images that keep the last MLP
 * @param maskedParts (R, n, n) which of the n × n model patches of a wanted cell are masked, 1 or
 *     0; empty where masks are not finer than cells
 */
public record PatchIndex(
    long[] visible,
    long[] wanted,
    long[] wantedTokens,
    long[] kept,
    long[] keptCounts,
    long[] attentionSource,
    long[] attentionTarget,
    long[] mlpTarget,
    long[] maskedParts) {

  /**
   * The index of a training pass: cells with something masked are wanted.
   *
   * @param masks (m, G, G), 1 = masked
   * @param maskSide G; divides {@code encoder.patchSide()}
   */
  public static PatchIndex ofMasked(
      byte[] masks, int maskSide, Encoder encoder, DropPath dropPath) {
    boolean[] masked = expand(masks, maskSide, encoder.patchSide(), dropPath.images());
    boolean[] wanted = anyInCell(masked, encoder.patchSide(), encoder.gridSide());
    return of(masked, wanted, maskSide, encoder, dropPath);
  }

  /** The index of a prediction: every cell is wanted. */
  public static PatchIndex ofAll(byte[] masks, int maskSide, Encoder encoder, DropPath dropPath) {
    boolean[] masked = expand(masks, maskSide, encoder.patchSide(), dropPath.images());
    boolean[] all = new boolean[dropPath.images() * encoder.gridSide() * encoder.gridSide()];
    Arrays.fill(all, true);
    return of(masked, all, maskSide, encoder, dropPath);
  }

  /** Cells of which any patch is masked. */
  private static boolean[] anyInCell(boolean[] masked, int patchSide, int gridSide) {
    int parts = patchSide / gridSide;
    boolean[] any = new boolean[masked.length / (parts * parts)];
    for (int patch = 0; patch < masked.length; patch++) {
      int row = patch / patchSide / parts;
      int column = patch % patchSide / parts;
      any[row * gridSide + column] |= masked[patch];
    }
    return any;
  }

  private static boolean[] expand(byte[] masks, int maskSide, int gridSide, int images) {
    int factor = gridSide / maskSide;
    boolean[] masked = new boolean[images * gridSide * gridSide];
    int cell = 0;
    for (int image = 0; image < images; image++) {
      for (int row = 0; row < gridSide; row++) {
        int maskRow = (image * maskSide + row / factor) * maskSide;
        for (int column = 0; column < gridSide; column++) {
          masked[cell++] = masks[maskRow + column / factor] != 0;
        }
      }
    }
    return masked;
  }

  private static PatchIndex of(
      boolean[] masked, boolean[] want, int maskSide, Encoder encoder, DropPath dropPath) {
    int gridSide = encoder.gridSide();
    int cells = gridSide * gridSide;
    LongList visible = new LongList(masked.length);
    for (int i = 0; i < masked.length; i++) {
      if (!masked[i]) {
        visible.add(i);
      }
    }
    LongList wanted = new LongList(want.length);
    LongList wantedTokens = new LongList(want.length);
    LongList attentionSource = new LongList(want.length);
    LongList attentionTarget = new LongList(want.length);
    LongList mlpTarget = new LongList(want.length);
    int[] attentionRank = ranks(dropPath, dropPath.branches() - 2);
    int[] mlpRank = ranks(dropPath, dropPath.branches() - 1);
    for (int i = 0; i < want.length; i++) {
      int image = i / cells;
      if (want[i]) {
        if (attentionRank[image] >= 0) {
          attentionSource.add((long) attentionRank[image] * (cells + 1) + 1 + i % cells);
          attentionTarget.add(wanted.size());
        }
        if (mlpRank[image] >= 0) {
          mlpTarget.add(wanted.size());
        }
        wanted.add(i);
        wantedTokens.add((long) i + image + 1);
      }
    }
    long[] kept = new long[dropPath.branches() * dropPath.images()];
    long[] counts = new long[dropPath.branches()];
    for (int branch = 0; branch < counts.length; branch++) {
      int[] images = dropPath.kept(branch);
      counts[branch] = images.length;
      for (int k = 0; k < images.length; k++) {
        kept[branch * dropPath.images() + k] = images[k];
      }
    }
    return new PatchIndex(
        visible.toArray(),
        wanted.toArray(),
        wantedTokens.toArray(),
        kept,
        counts,
        attentionSource.toArray(),
        attentionTarget.toArray(),
        mlpTarget.toArray(),
        maskSide > gridSide ? parts(masked, want, encoder) : new long[] {0});
  }

  private static long[] parts(boolean[] masked, boolean[] want, Encoder encoder) {
    int gridSide = encoder.gridSide();
    int side = encoder.patchSide();
    int n = side / gridSide;
    LongList parts = new LongList(masked.length);
    for (int cell = 0; cell < want.length; cell++) {
      if (want[cell]) {
        int top = cell / gridSide * n;
        int left = cell % gridSide * n;
        for (int part = 0; part < n * n; part++) {
          parts.add(masked[(top + part / n) * side + left + part % n] ? 1 : 0);
        }
      }
    }
    return parts.toArray();
  }

  /** Place of each image among those that keep a branch, or -1. */
  private static int[] ranks(DropPath dropPath, int branch) {
    int[] ranks = new int[dropPath.images()];
    Arrays.fill(ranks, -1);
    int[] kept = dropPath.kept(branch);
    for (int k = 0; k < kept.length; k++) {
      ranks[kept[k]] = k;
    }
    return ranks;
  }

  private static final class LongList {
    private final long[] values;
    private int size;

    LongList(int capacity) {
      values = new long[capacity];
    }

    void add(long value) {
      values[size++] = value;
    }

    int size() {
      return size;
    }

    long[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
