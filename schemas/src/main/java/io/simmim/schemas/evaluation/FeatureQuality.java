package io.simmim.schemas.evaluation;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the features of a model are worth.
 *
 * @param votes accuracies of the nearest neighbours, for some numbers of them; none if there were
 *     no images with classes
 * @param effectiveRank of the features, from 1 to their width: how many directions they use; 0 if
 *     they are all the same
 * @param width of the features
 * @param rankImages images whose features have this rank
 * @param probe the best linear classifier, if some were trained
 */
public record FeatureQuality(
    List<Vote> votes, double effectiveRank, int width, int rankImages, Optional<Probe> probe) {
  /**
   * How often the nearest neighbours were right.
   *
   * @param neighbours that voted for each image
   * @param top1 images whose class came first
   * @param top5 images whose class was among the first five
   * @param images all of them
   */
  public record Vote(int neighbours, long top1, long top5, long images) {
    /** Share of the images whose class came first. */
    public double top1Share() {
      return (double) top1 / images;
    }

    /** Share of the images whose class was among the first five. */
    public double top5Share() {
      return (double) top5 / images;
    }
  }

  /**
   * How often a linear classifier was right.
   *
   * @param layer that it reads, from 1
   * @param classToken whether it reads the class token of the layer, or else the mean of its cells
   * @param rate learning rate that it was trained with, for a batch of 256 images
   * @param top1 images whose class came first
   * @param top5 images whose class was among the first five
   * @param images all of them
   */
  public record Probe(
      int layer, boolean classToken, double rate, long top1, long top5, long images) {
    /** Share of the images whose class came first. */
    public double top1Share() {
      return (double) top1 / images;
    }

    /** Share of the images whose class was among the first five. */
    public double top5Share() {
      return (double) top5 / images;
    }
  }

  public FeatureQuality {
    votes = List.copyOf(votes);
    Objects.requireNonNull(probe, "probe");
  }
}
