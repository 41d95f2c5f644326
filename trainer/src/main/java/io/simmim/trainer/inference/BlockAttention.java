package io.simmim.trainer.inference;

import io.simmim.trainer.model.encoder.AttentionLayer;
import java.util.List;

/**
 * What the heads of a block attend to: means over the patches of images, as queries, of how they
 * spread their attention over the other patches, or those of their window. A class token, and what
 * fills windows behind the border, are left out as queries and as keys; the weights of the other
 * keys are scaled to the sum 1.
 *
 * <p>Not thread-safe.
 */
public final class BlockAttention {
  /** Places of the patches whose attention is kept itself, in shares of the image's side. */
  private static final double[] MAPPED = {0.25, 0.5};

  private final AttentionLayer layer;
  private final double[] distances;
  private final double[] logs;
  private final double[] others;
  private final double[] maps;
  private long images;

  BlockAttention(AttentionLayer layer) {
    this.layer = layer;
    int heads = layer.heads();
    distances = new double[heads];
    logs = new double[heads * heads];
    others = new double[heads];
    maps = new double[MAPPED.length * layer.tokens()];
  }

  static int[] mapped(AttentionLayer layer) {
    int[] patches = new int[MAPPED.length];
    for (int i = 0; i < patches.length; i++) {
      int at = (int) (MAPPED[i] * layer.side());
      patches[i] = at * layer.side() + at;
    }
    return patches;
  }

  /** Adds the four sums that {@code attention-statistics.torchscript} makes of a block. */
  void add(int more, List<double[]> sums) {
    images += more;
    add(distances, sums.get(0));
    add(logs, sums.get(1));
    add(others, sums.get(2));
    add(maps, sums.get(3));
  }

  /** Adds other images. */
  public void add(BlockAttention more) {
    images += more.images;
    add(distances, more.distances);
    add(logs, more.logs);
    add(others, more.others);
    add(maps, more.maps);
  }

  private static void add(double[] sums, double[] more) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
  }

  /** Number of heads H. */
  public int heads() {
    return layer.heads();
  }

  /** Patches along one side of the image. */
  public int side() {
    return layer.side();
  }

  private double queries() {
    return (double) images * layer.side() * layer.side();
  }

  /** How far a head looks, in pixels: the distance between two patches' centres. */
  public double distance(int head) {
    return distances[head] / queries();
  }

  /** Entropy of a head's weights, in nats. */
  public double entropy(int head) {
    return -logs[head * heads() + head] / queries();
  }

  /** Kullback-Leibler divergence of one head's weights from another's, in nats. */
  public double divergence(int head, int other) {
    return (logs[head * heads() + head] - logs[head * heads() + other]) / queries();
  }

  /** Mean divergence of a head's weights from those of each other head; NaN if there is none. */
  public double divergence(int head) {
    double sum = 0;
    for (int other = 0; other < heads(); other++) {
      sum += divergence(head, other);
    }
    return sum / (heads() - 1);
  }

  /** Share of a head's attention that goes to what is left out. */
  public double leftOut(int head) {
    return others[head] / queries();
  }

  /** The patches whose attention is kept itself. */
  public int[] mapped() {
    return mapped(layer);
  }

  /**
   * The attention of one of the mapped patches, mean of images and heads.
   *
   * @return (side, side), 0 outside of the patch's window
   */
  public double[] map(int mapped) {
    double[] map = new double[layer.side() * layer.side()];
    int first = layer.windowOf(mapped()[mapped]) * layer.tokens();
    for (int token = 0; token < layer.tokens(); token++) {
      int patch = layer.patches()[first + token];
      if (patch != AttentionLayer.NOWHERE) {
        map[patch] = maps[mapped * layer.tokens() + token] / images;
      }
    }
    return map;
  }
}
