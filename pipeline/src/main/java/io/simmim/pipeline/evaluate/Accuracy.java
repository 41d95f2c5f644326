package io.simmim.pipeline.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * How often a model is right.
 *
 * @param top1 images whose class comes first
 * @param top5 images whose class is among the first five
 * @param images all of them
 */
public record Accuracy(long top1, long top5, long images) {
  /** Adds the counts to a result. */
  public void addTo(ObjectNode json) {
    json.put("top-1", top1);
    json.put("top-5", top5);
    json.put("images", images);
  }

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
