package io.simmim.pipeline.evaluate;

import java.util.HashMap;
import java.util.Map;

/**
 * Lets neighbours vote for their classes with the weight exp(cosine / temperature), as Wu et al.
 * ("Unsupervised Feature Learning via Non-Parametric Instance Discrimination", CVPR 2018, section
 * 3.4) and DINO's evaluation do. Uses StrictMath, so that every machine counts the same.
 */
final class WeightedVote {
  static final double TEMPERATURE = 0.07;

  private WeightedVote() {}

  /**
   * The place of a class among all, from 0. Of classes with equal votes the lower number comes
   * first; one that nobody votes for has no place.
   *
   * @param similarities cosines of the neighbours, the nearest first
   * @param classes of the neighbours
   * @param neighbours k that vote, at most as many as there are
   * @param label the class
   * @return {@link Integer#MAX_VALUE} for no place
   */
  static int rank(float[] similarities, int[] classes, int neighbours, int label) {
    Map<Integer, Double> votes = new HashMap<>();
    for (int i = 0; i < Math.min(neighbours, classes.length); i++) {
      votes.merge(classes[i], StrictMath.exp(similarities[i] / TEMPERATURE), Double::sum);
    }
    Double own = votes.get(label);
    if (own == null) {
      return Integer.MAX_VALUE;
    }
    int rank = 0;
    for (Map.Entry<Integer, Double> other : votes.entrySet()) {
      int order = Double.compare(other.getValue(), own);
      if (order > 0 || (order == 0 && other.getKey() < label)) {
        rank++;
      }
    }
    return rank;
  }
}
