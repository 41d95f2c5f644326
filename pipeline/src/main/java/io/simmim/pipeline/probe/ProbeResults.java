package io.simmim.pipeline.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.evaluate.Accuracy;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.inference.FeatureSet;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How often each classifier is right. The best one has the most images right, then the most among
 * the first five; of equal ones it is the first.
 */
public final class ProbeResults {
  private final List<FeatureSet> sets;
  private final List<Double> rates;
  private final long[] top1;
  private final long[] top5;
  private long images;

  ProbeResults(List<FeatureSet> sets, List<Double> rates) {
    this.sets = sets;
    this.rates = rates;
    top1 = new long[sets.size() * rates.size()];
    top5 = new long[sets.size() * rates.size()];
  }

  /** Adds images, each of which is then to be added to every set. Thread-safe. */
  synchronized void addImages(int count) {
    images += count;
  }

  /**
   * Adds what the classifiers of a set say. Thread-safe.
   *
   * @param ranks (B, R), places of the images' classes
   */
  synchronized void add(int set, long[] ranks) {
    for (int i = 0; i < ranks.length; i++) {
      int at = set * rates.size() + i % rates.size();
      top1[at] += ranks[i] == 0 ? 1 : 0;
      top5[at] += ranks[i] < 5 ? 1 : 0;
    }
  }

  private Accuracy accuracy(int at) {
    return new Accuracy(top1[at], top5[at], images);
  }

  private int best() {
    int best = 0;
    for (int at = 1; at < top1.length; at++) {
      if (top1[at] > top1[best] || (top1[at] == top1[best] && top5[at] > top5[best])) {
        best = at;
      }
    }
    return best;
  }

  /** The result of the best classifier. */
  public Accuracy bestAccuracy() {
    return accuracy(best());
  }

  /** What the best classifier reads. */
  public FeatureSet bestSet() {
    return sets.get(best() / rates.size());
  }

  /** The learning rate of the best classifier. */
  public double bestRate() {
    return rates.get(best() % rates.size());
  }

  /** A table of all, and which one is the best. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder(column("top-1 % by learning rate"));
    rates.forEach(rate -> head.append("%9s".formatted(text(rate))));
    lines.add(head.toString());
    for (int set = 0; set < sets.size(); set++) {
      StringBuilder line = new StringBuilder(column(name(sets.get(set))));
      for (int rate = 0; rate < rates.size(); rate++) {
        double share = 100.0 * top1[set * rates.size() + rate] / images;
        line.append(String.format(Locale.ROOT, "%9.2f", share));
      }
      lines.add(line.toString());
    }
    lines.add("best: %s, learning rate %s".formatted(name(bestSet()), text(bestRate())));
    return lines;
  }

  private static String column(String text) {
    return "%-26s".formatted(text);
  }

  private static String name(FeatureSet set) {
    return "layer %d, %s".formatted(set.layer(), pooling(set));
  }

  private static String pooling(FeatureSet set) {
    return switch (set.pooling()) {
      case MEAN -> "mean of cells";
      case CLASS -> "class token";
    };
  }

  private static String text(double rate) {
    return new BigDecimal(Double.toString(rate)).stripTrailingZeros().toPlainString();
  }

  /** Adds all of them to a result, and which one is the best. */
  void addTo(ObjectNode json) {
    addTo(json.withObjectProperty("best"), best());
    ArrayNode all = json.putArray("classifiers");
    for (int at = 0; at < top1.length; at++) {
      addTo(all.addObject(), at);
    }
  }

  private void addTo(ObjectNode json, int at) {
    FeatureSet set = sets.get(at / rates.size());
    json.put("layer", set.layer());
    json.put("features", KebabCase.of(set.pooling()));
    json.put("learning-rate", rates.get(at % rates.size()));
    accuracy(at).addTo(json);
  }
}
