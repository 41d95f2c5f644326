package io.simmim.pipeline.analyze;

import io.simmim.pipeline.analyze.AttentionTable.OfHead;
import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Chart;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import io.simmim.trainer.inference.BlockAttention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the heads of each layer attend to, in pictures: a dot for each head, a line through the
 * means of the layers, and the attention of some patches.
 *
 * @param layers the first one first
 * @param images how many were looked at
 */
record AttentionPictures(List<BlockAttention> layers, long images) {

  /** SVGs by the names of their files. */
  Map<String, String> svg() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(
        "distance.svg",
        chart(
                "How far heads look",
                "attention distance in pixels",
                "pixels",
                BlockAttention::distance)
            .svg("attention-distance"));
    files.put(
        "entropy.svg",
        chart(
                "How widely heads look",
                "entropy of attention in nats",
                "nats",
                BlockAttention::entropy)
            .svg("attention-entropy"));
    files.put(
        "divergence.svg",
        chart(
                "How much heads differ",
                "KL divergence from other heads in nats",
                "nats",
                BlockAttention::divergence)
            .svg("attention-divergence"));
    files.put("maps.svg", new AttentionMaps(layers, images).svg("attention-maps"));
    return files;
  }

  private Chart chart(String title, String label, String unit, OfHead number) {
    List<Point> heads = new ArrayList<>();
    List<Point> means = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      BlockAttention layer = layers.get(i);
      for (int head = 0; head < layer.heads(); head++) {
        double value = number.of(layer, head);
        heads.add(
            new Point(
                i + 1, value, note("layer %d, head %d".formatted(i + 1, head + 1), value, unit)));
      }
      double mean = AttentionTable.mean(layer, number);
      means.add(new Point(i + 1, mean, note("layer %d, mean".formatted(i + 1), mean, unit)));
    }
    String description =
        "%s of each head against the layer, and the mean of each layer: %s in the first layer, %s in the last; %,d images."
            .formatted(
                label, text(means.get(0).y()), text(means.get(means.size() - 1).y()), images);
    return new Chart(
        title,
        description,
        new Axis("layer", Scale.WHOLE),
        new Axis(label, Scale.FROM_ZERO),
        List.of(
            new Series("head", Style.DOTS, 0, heads),
            new Series("mean of the layer's heads", Style.LINE_AND_DOTS, 1, means)));
  }

  private static String note(String what, double value, String unit) {
    return "%s: %s %s".formatted(what, text(value), unit);
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
