package io.simmim.trainer.mixing;

/**
 * How the images of one batch are mixed: image i of m with image m − 1 − i, all of them alike.
 *
 * @param share of an image itself in what becomes of it, 0 to 1; the rest is its partner's
 * @param top first row of the rectangle that CutMix exchanges
 * @param left first column
 * @param height in pixels; 0 where nothing is exchanged
 * @param width in pixels
 */
public record BatchMix(double share, int top, int left, int height, int width) {
  /** Images stay as they are. */
  public static final BatchMix NONE = new BatchMix(1, 0, 0, 0, 0);

  private static final int CHANNELS = 3;

  /** Mixup: each pixel is a weighted sum. */
  static BatchMix mixup(double share) {
    return new BatchMix(share, 0, 0, 0, 0);
  }

  /** CutMix: a rectangle comes from the partner, and the share is what is left of the area. */
  static BatchMix cutmix(int size, int top, int left, int height, int width) {
    double share = 1 - (double) (height * width) / ((double) size * size);
    return new BatchMix(share, top, left, height, width);
  }

  /**
   * Mixes images in place, in float32 as torch does.
   *
   * @param pixels (m, 3, S, S), normalised
   * @param images m
   * @param size side S
   */
  public void apply(float[] pixels, int images, int size) {
    int length = CHANNELS * size * size;
    if (pixels.length < images * length || top + height > size || left + width > size) {
      throw new IllegalArgumentException(
          "%s does not fit %d images of %d pixels in %d floats"
              .formatted(this, images, size, pixels.length));
    }
    if (share == 1) {
      return;
    }
    for (int i = 0; i < (images + 1) / 2; i++) {
      int first = i * length;
      int second = (images - 1 - i) * length;
      if (height > 0 && width > 0) {
        exchange(pixels, first, second, size);
      } else {
        add(pixels, first, second, length);
      }
    }
  }

  private void add(float[] pixels, int first, int second, int length) {
    float own = (float) share;
    float other = (float) (1 - share);
    for (int i = 0; i < length; i++) {
      float a = pixels[first + i];
      float b = pixels[second + i];
      pixels[first + i] = a * own + b * other;
      pixels[second + i] = b * own + a * other;
    }
  }

  private void exchange(float[] pixels, int first, int second, int size) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int y = top; y < top + height; y++) {
        int line = (channel * size + y) * size + left;
        for (int at = line; at < line + width; at++) {
          float kept = pixels[first + at];
          pixels[first + at] = pixels[second + at];
          pixels[second + at] = kept;
        }
      }
    }
  }

  /**
   * What a classifier should say of the mixed images, in float32 as timm computes it.
   *
   * @param labels (m), classes from 0 on
   * @param classes number of classes C
   * @param smoothing share of the probability that all classes get alike, 0 to 1
   * @return (m, C), probabilities
   */
  public float[] targets(int[] labels, int classes, double smoothing) {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing must be at least 0 and below 1: " + smoothing);
    }
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "labels must be 0 to %d: %d".formatted(classes - 1, label));
      }
    }
    float off = (float) (smoothing / classes);
    float on = (float) (1 - smoothing + smoothing / classes);
    float own = (float) share;
    float other = (float) (1 - share);
    float[] targets = new float[Math.multiplyExact(labels.length, classes)];
    for (int i = 0; i < labels.length; i++) {
      int partner = labels[labels.length - 1 - i];
      for (int c = 0; c < classes; c++) {
        targets[i * classes + c] =
            (c == labels[i] ? on : off) * own + (c == partner ? on : off) * other;
      }
    }
    return targets;
  }
}
