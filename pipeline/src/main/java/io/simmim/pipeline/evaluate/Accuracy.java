package io.simmim.pipeline.evaluate;

import java.util.Locale;

/**
 * How often a model is right.
 *
 * @param top1 images whose class comes first
 * @param top5 images whose class is among the first five
 * @param images all of them
 */
public record Accuracy(long top1, long top5, long images) {
  /** As all commands end that measure one. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "top-1 %.2f %%, top-5 %.2f %%, images %d",
        100.0 * top1 / images,
        100.0 * top5 / images,
        images);
  }
}
