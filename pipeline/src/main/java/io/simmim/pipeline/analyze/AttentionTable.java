package io.simmim.pipeline.analyze;

import io.simmim.trainer.inference.BlockAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the heads of each layer attend to, in numbers.
 *
 * @param layers the first one first
 */
record AttentionTable(List<BlockAttention> layers) {
  private static final String HEADER =
      "layer,head,distance_pixels,entropy_nats,divergence_nats,left_out\n";

  /** A number of each head. */
  interface OfHead {
    /** Of the head with a number, from 0. */
    double of(BlockAttention layer, int head);
  }

  /** The mean of a layer's heads. */
  static double mean(BlockAttention layer, OfHead number) {
    double sum = 0;
    for (int head = 0; head < layer.heads(); head++) {
      sum += number.of(layer, head);
    }
    return sum / layer.heads();
  }

  /**
   * A row for each head, layers and heads from 1; a divergence is empty where there is one head.
   */
  String csv() {
    StringBuilder rows = new StringBuilder(HEADER);
    for (int i = 0; i < layers.size(); i++) {
      BlockAttention layer = layers.get(i);
      for (int head = 0; head < layer.heads(); head++) {
        rows.append(
            String.format(
                Locale.ROOT,
                "%d,%d,%.4f,%.6f,%s,%.6f\n",
                i + 1,
                head + 1,
                layer.distance(head),
                layer.entropy(head),
                number("%.6f", layer.divergence(head), ""),
                layer.leftOut(head)));
      }
    }
    return rows.toString();
  }

  /** Means of the heads, a line for each layer. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("layer  distance  entropy  divergence  (means of heads, in pixels, nats, nats)");
    for (int i = 0; i < layers.size(); i++) {
      BlockAttention layer = layers.get(i);
      lines.add(
          String.format(
              Locale.ROOT,
              "%5d  %8.1f  %7.3f  %10s",
              i + 1,
              mean(layer, BlockAttention::distance),
              mean(layer, BlockAttention::entropy),
              number("%.3f", mean(layer, BlockAttention::divergence), "-")));
    }
    return lines;
  }

  private static String number(String format, double value, String none) {
    return Double.isNaN(value) ? none : String.format(Locale.ROOT, format, value);
  }
}
