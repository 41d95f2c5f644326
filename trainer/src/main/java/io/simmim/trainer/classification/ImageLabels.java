package io.simmim.trainer.classification;

import java.io.Serializable;
import java.util.List;

/** The class of each image, by its number in the catalog. Immutable; four bytes per image. */
public final class ImageLabels implements Serializable {
  private static final long serialVersionUID = 1;

  private final List<String> classes;
  private final int[] labels;

  /**
   * @param classes names in the order of their numbers
   * @param labels number of the class of each image, or below 0 for none
   */
  public ImageLabels(List<String> classes, int[] labels) {
    this.classes = List.copyOf(classes);
    this.labels = labels.clone();
  }

  /** Names of the classes in the order of their numbers. */
  public List<String> classes() {
    return classes;
  }

  /**
   * Number of the class of an image.
   *
   * @throws IllegalStateException if it has none
   */
  public int of(long sampleId) {
    int label = labels[Math.toIntExact(sampleId)];
    if (label < 0) {
      throw new IllegalStateException("image %d has no class".formatted(sampleId));
    }
    return label;
  }
}
