package io.simmim.pipeline.evaluate;

import io.simmim.trainer.inference.CosineSimilarity;
import java.util.Arrays;

/**
 * The nearest vectors to each of a block of queries, among vectors that come in any order: the
 * largest cosines, of equal ones the lowest numbers. 16 bytes per query and neighbour.
 *
 * <p>Thread-safe. Owns native memory: close it.
 */
final class NearestNeighbours implements AutoCloseable {
  private final CosineSimilarity queries;
  private final int[] labels;
  private final int most;
  private final float[] similarities;
  private final long[] ids;
  private final int[] classes;
  private final int[] counts;

  /**
   * @param block the queries
   * @param most neighbours k of each
   */
  NearestNeighbours(LabelledFeatures block, int most) {
    int count = block.labels().length;
    this.labels = block.labels();
    this.most = most;
    queries =
        new CosineSimilarity(
            CosineSimilarity.normalised(block.vectors(), block.width()), block.width());
    similarities = new float[count * most];
    ids = new long[count * most];
    classes = new int[count * most];
    counts = new int[count];
  }

  /**
   * Compares all queries with more vectors.
   *
   * @param unit (n, C), the vectors scaled to the length 1
   */
  void add(LabelledFeatures others, float[] unit) {
    float[] cosines = queries.with(unit);
    synchronized (this) {
      for (int query = 0; query < labels.length; query++) {
        for (int i = 0; i < others.labels().length; i++) {
          float cosine = cosines[i * labels.length + query];
          insert(query, cosine, others.sampleIds()[i], others.labels()[i]);
        }
      }
    }
  }

  private void insert(int query, float cosine, long id, int label) {
    int first = query * most;
    int at = first + counts[query];
    if (counts[query] == most) {
      at--;
      if (!comesBefore(cosine, id, at)) {
        return;
      }
    } else {
      counts[query]++;
    }
    for (; at > first && comesBefore(cosine, id, at - 1); at--) {
      similarities[at] = similarities[at - 1];
      ids[at] = ids[at - 1];
      classes[at] = classes[at - 1];
    }
    similarities[at] = cosine;
    ids[at] = id;
    classes[at] = label;
  }

  private boolean comesBefore(float cosine, long id, int at) {
    int order = Float.compare(cosine, similarities[at]);
    return order > 0 || (order == 0 && id < ids[at]);
  }

  /** Number of queries. */
  int size() {
    return labels.length;
  }

  /** The class of a query. */
  int label(int query) {
    return labels[query];
  }

  /** Cosines of a query's neighbours, the nearest first. */
  float[] similarities(int query) {
    return Arrays.copyOfRange(similarities, query * most, query * most + counts[query]);
  }

  /** Classes of a query's neighbours, in the same order. */
  int[] classes(int query) {
    return Arrays.copyOfRange(classes, query * most, query * most + counts[query]);
  }

  @Override
  public void close() {
    queries.close();
  }
}
