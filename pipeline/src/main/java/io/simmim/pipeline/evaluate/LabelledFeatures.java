package io.simmim.pipeline.evaluate;

import java.util.List;

/**
 * Features of some images.
 *
 * @param chunk number of the chunk of images, from 0
 * @param sampleIds (m), numbers of the images in their catalog, ascending
 * @param labels (m), numbers of their classes
 * @param vectors (m, C)
 */
public record LabelledFeatures(long chunk, long[] sampleIds, int[] labels, float[] vectors) {
  /** Width C. */
  public int width() {
    return vectors.length / labels.length;
  }

  /**
   * Some of them as one.
   *
   * @param parts at least one, ascending; the result has the number of the first
   */
  public static LabelledFeatures joined(List<LabelledFeatures> parts) {
    int images = parts.stream().mapToInt(part -> part.labels.length).sum();
    int width = parts.get(0).width();
    long[] sampleIds = new long[images];
    int[] labels = new int[images];
    float[] vectors = new float[Math.multiplyExact(images, width)];
    int at = 0;
    for (LabelledFeatures part : parts) {
      int count = part.labels.length;
      System.arraycopy(part.sampleIds, 0, sampleIds, at, count);
      System.arraycopy(part.labels, 0, labels, at, count);
      System.arraycopy(part.vectors, 0, vectors, at * width, count * width);
      at += count;
    }
    return new LabelledFeatures(parts.get(0).chunk, sampleIds, labels, vectors);
  }
}
