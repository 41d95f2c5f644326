package io.simmim.schemas.evaluation;

import java.util.Locale;

/**
 * How good a classifier was after an epoch.
 *
 * @param epoch that was complete, from 0
 * @param step that was complete, from 1
 * @param top1 images whose class came first
 * @param top5 images whose class was among the first five
 * @param images that it was measured on
 * @param loss mean cross entropy with the images' classes
 * @param epochMillis wall-clock time, milliseconds since 1970
 */
public record EpochAccuracy(
    int epoch, long step, long top1, long top5, long images, double loss, long epochMillis) {
  /** For people. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "top-1 %.2f %%, top-5 %.2f %%, images %d",
        100.0 * top1 / images,
        100.0 * top5 / images,
        images);
  }
}
