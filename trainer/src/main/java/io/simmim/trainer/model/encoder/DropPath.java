package io.simmim.trainer.model.encoder;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.Arrays;

/**
 * Which images keep which residual branch (stochastic depth, Huang et al., ECCV 2016). Drawn on the
 * host per micro-batch, so that CPU and GPU, and a resumed run, drop the same.
 */
public final class DropPath {
  private static final int BRANCHES = 2;

  private final int images;
  private final int[][] kept;
  private final double[] scales;

  private DropPath(int images, int[][] kept, double[] scales) {
    this.images = images;
    this.kept = kept;
    this.scales = scales;
  }

  /**
   * Draws for one micro-batch.
   *
   * @param rates probability per block that an image skips a branch
   * @param microBatch number of the micro-batch in the whole run
   */
  public static DropPath draw(double[] rates, int images, long seed, long microBatch) {
    Philox random = new Philox(seed, Purpose.DROP_PATH, 0, microBatch);
    int[][] kept = new int[BRANCHES * rates.length][];
    double[] scales = new double[rates.length];
    for (int branch = 0; branch < kept.length; branch++) {
      double rate = rates[branch / BRANCHES];
      kept[branch] = keep(rate, images, random);
      scales[branch / BRANCHES] = 1 / (1 - rate);
    }
    return new DropPath(images, kept, scales);
  }

  /** Rates that grow linearly from 0 in the first block to {@code last}; one block has 0. */
  public static double[] linearRates(double last, int blocks) {
    double[] rates = new double[blocks];
    for (int block = 1; block < blocks; block++) {
      rates[block] = last * block / (blocks - 1);
    }
    return rates;
  }

  /** Nothing dropped, as in evaluation. */
  public static DropPath none(int blocks, int images) {
    DropPath all = draw(new double[blocks], images, 0, 0);
    Arrays.fill(all.scales, 1);
    return all;
  }

  private static int[] keep(double rate, int images, Philox random) {
    int[] kept = new int[images];
    int count = 0;
    for (int image = 0; image < images; image++) {
      if (rate == 0 || random.nextDouble() >= rate) {
        kept[count++] = image;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  /** Images of the micro-batch. */
  public int images() {
    return images;
  }

  /** Number of branches: two per block, attention before MLP. */
  public int branches() {
    return kept.length;
  }

  /** Images that keep a branch, ascending. */
  public int[] kept(int branch) {
    return kept[branch];
  }

  /** (branches, images), the images that keep each branch, ascending, then zeros. */
  long[] keptImages() {
    long[] all = new long[kept.length * images];
    for (int branch = 0; branch < kept.length; branch++) {
      for (int k = 0; k < kept[branch].length; k++) {
        all[branch * images + k] = kept[branch][k];
      }
    }
    return all;
  }

  /** (branches), how many images keep each branch. */
  long[] keptCounts() {
    return Arrays.stream(kept).mapToLong(images -> images.length).toArray();
  }

  /** Per block, what a kept branch is multiplied by. */
  public double[] scales() {
    return scales.clone();
  }
}
