package io.simmim.trainer.model.encoder;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Where the patches of one micro-batch go, worked out on the host: only visible patches need an
 * embedding, only masked ones a prediction, and an image that skips a residual branch needs none of
 * its arithmetic. Rows count over the whole micro-batch. The components are the source's {@code
 * index}, in this order.
 *
 * @param visible (V) model patches whose pixels the encoder sees
 * @param wanted (R) cells whose features the encoder returns
 * @param counted (K) cells that the loss looks at
 * @param maskedParts (K, n, n) which of the n × n model patches of a counted cell are masked, 1 or
 *     0; empty where masks cover whole cells or are not looked at
 * @param kept (branches, images) images that keep a branch, then zeros
 * @param keptCounts (branches) how many images keep a branch; on the host
 * @param wantedTokens (R) the wanted cells, counted with one class token before each image's cells;
 *     of whole images the class tokens too
 * @param attentionSource (Q) wanted tokens of the images that keep the last attention, counted
 *     among these images' tokens
 * @param attentionTarget (Q) their places among the wanted
 * @param mlpTarget (M) places among the wanted of the images that keep the last MLP
 */
public record PatchIndex(
    long[] visible,
    long[] wanted,
    long[] counted,
    long[] maskedParts,
    long[] kept,
    long[] keptCounts,
    long[] wantedTokens,
    long[] attentionSource,
    long[] attentionTarget,
    long[] mlpTarget) {

  /** Places in the source's {@code index} that not all encoders share. */
  public static final int KEPT = 4;

  public static final int KEPT_COUNTS = 5;
  static final int WANTED_TOKENS = 6;
  static final int ATTENTION_SOURCE = 7;
  static final int ATTENTION_TARGET = 8;
  static final int MLP_TARGET = 9;

  /** Of what a model is to say of each image, where it is told; follows the components. */
  public static final int TARGETS = 10;

  /** Which cells of the grid. */
  public enum Cells {
    ALL,
    /** Those of which any patch is masked. */
    MASKED
  }

  /**
   * The index of one pass.
   *
   * @param masks (m, G, G), 1 = masked
   * @param maskSide G; divides {@code encoder.patchSide()}
   * @param wanted cells whose features are needed; among them the counted ones
   * @param counted cells whose prediction is needed
   * @param withParts whether masked parts of cells are told apart
   */
  public static PatchIndex of(
      byte[] masks,
      int maskSide,
      Encoder encoder,
      DropPath dropPath,
      Cells wanted,
      Cells counted,
      boolean withParts) {
    boolean[] masked = expand(masks, maskSide, encoder.patchSide(), dropPath.images());
    boolean[] want = cells(wanted, masked, encoder, dropPath.images());
    boolean[] count = cells(counted, masked, encoder, dropPath.images());
    long[] parts = withParts ? parts(masked, count, encoder) : new long[0];
    return of(masked, want, places(count), parts, encoder, dropPath);
  }

  /**
   * The index of whole images, of which every token is wanted.
   *
   * @param dropPath drops nothing
   */
  public static PatchIndex ofWholeImages(Encoder encoder, DropPath dropPath) {
    int images = dropPath.images();
    int cells = encoder.gridSide() * encoder.gridSide();
    long[] all = range(images * cells);
    long[] tokens = range(images * (cells + 1));
    return new PatchIndex(
        range(images * encoder.patchSide() * encoder.patchSide()),
        all,
        all,
        new long[0],
        dropPath.keptImages(),
        dropPath.keptCounts(),
        tokens,
        tokens,
        tokens,
        tokens);
  }

  /**
   * The index of whole images of which the encoder returns the cells, (B * cells, C).
   *
   * @param dropPath which images skip which branches
   */
  public static PatchIndex ofCells(Encoder encoder, DropPath dropPath) {
    boolean[] masked = new boolean[dropPath.images() * encoder.patchSide() * encoder.patchSide()];
    boolean[] want = cells(Cells.ALL, masked, encoder, dropPath.images());
    return of(masked, want, new long[0], new long[0], encoder, dropPath);
  }

  /**
   * The index of whole images of which the encoder returns the class tokens, (B, C).
   *
   * @param dropPath which images skip which branches
   */
  public static PatchIndex ofClassTokens(Encoder encoder, DropPath dropPath) {
    int images = dropPath.images();
    int tokens = encoder.gridSide() * encoder.gridSide() + 1;
    int[] attention = dropPath.kept(dropPath.branches() - 2);
    int[] mlp = dropPath.kept(dropPath.branches() - 1);
    return new PatchIndex(
        range(images * encoder.patchSide() * encoder.patchSide()),
        new long[0],
        new long[0],
        new long[0],
        dropPath.keptImages(),
        dropPath.keptCounts(),
        LongStream.range(0, images).map(image -> image * tokens).toArray(),
        LongStream.range(0, attention.length).map(image -> image * tokens).toArray(),
        Arrays.stream(attention).asLongStream().toArray(),
        Arrays.stream(mlp).asLongStream().toArray());
  }

  private static long[] range(int size) {
    return LongStream.range(0, size).toArray();
  }

  private static boolean[] cells(Cells which, boolean[] masked, Encoder encoder, int images) {
    if (which == Cells.MASKED) {
      return anyInCell(masked, encoder.patchSide(), encoder.gridSide());
    }
    boolean[] all = new boolean[images * encoder.gridSide() * encoder.gridSide()];
    Arrays.fill(all, true);
    return all;
  }

  private static long[] places(boolean[] chosen) {
    LongList places = new LongList(chosen.length);
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i]) {
        places.add(i);
      }
    }
    return places.toArray();
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
      boolean[] masked,
      boolean[] want,
      long[] counted,
      long[] maskedParts,
      Encoder encoder,
      DropPath dropPath) {
    int cells = encoder.gridSide() * encoder.gridSide();
    boolean[] seen = new boolean[masked.length];
    for (int i = 0; i < masked.length; i++) {
      seen[i] = !masked[i];
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
    return new PatchIndex(
        places(seen),
        wanted.toArray(),
        counted,
        maskedParts,
        dropPath.keptImages(),
        dropPath.keptCounts(),
        wantedTokens.toArray(),
        attentionSource.toArray(),
        attentionTarget.toArray(),
        mlpTarget.toArray());
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
