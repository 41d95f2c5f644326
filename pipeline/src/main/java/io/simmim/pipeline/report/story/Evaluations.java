package io.simmim.pipeline.report.story;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the features were worth while the model was trained.
 *
 * @param count how often they were measured
 * @param votes accuracies of the nearest neighbours, by ascending numbers of them
 * @param images that the neighbours voted for
 * @param probe accuracies of the best linear classifiers; without values if there were none
 * @param probeImages that they classified
 * @param probeLayer the layer that the last one reads, from 1
 * @param rank the effective rank of the features
 * @param width of the features
 */
public record Evaluations(
    long count,
    List<Votes> votes,
    long images,
    Thinned probe,
    long probeImages,
    long probeLayer,
    Thinned rank,
    long width) {
  /** Shares of images whose class came first, for a number of neighbours. */
  public record Votes(int neighbours, Thinned top1) {}

  public Evaluations {
    votes = List.copyOf(votes);
  }

  /** Adds up the lines of {@code evaluation.jsonl}. */
  static final class Lines {
    private static final Pattern TOP_1 = Pattern.compile("knn([0-9]{1,4})_top1");

    /** There are two. */
    private static final int MOST_VOTES = 6;

    private final Map<Integer, Thinning> votes = new TreeMap<>();
    private final Thinning probe = new Thinning();
    private final Thinning rank = new Thinning();
    private long last;
    private long count;
    private long images;
    private long probeImages;
    private long probeLayer;
    private long width;

    void add(String line) {
      JsonFields.of(line).filter(found -> found.whole("step") > last).ifPresent(this::add);
    }

    private void add(JsonFields fields) {
      last = fields.whole("step");
      count++;
      images = fields.whole("knn_images");
      width = fields.whole("feature_width");
      rank.add(last, fields.number("effective_rank"));
      if (fields.node().hasNonNull("probe_top1")) {
        probe.add(last, fields.number("probe_top1"));
        probeImages = fields.whole("probe_images");
        probeLayer = fields.whole("probe_layer");
      }
      fields.node().fieldNames().forEachRemaining(name -> add(fields, name));
    }

    private void add(JsonFields fields, String name) {
      Matcher matcher = TOP_1.matcher(name);
      if (matcher.matches()) {
        int neighbours = Integer.parseInt(matcher.group(1));
        if (votes.containsKey(neighbours) || votes.size() < MOST_VOTES) {
          votes.computeIfAbsent(neighbours, none -> new Thinning()).add(last, fields.number(name));
        }
      }
    }

    Evaluations result() {
      List<Votes> shares = new ArrayList<>();
      votes.forEach((neighbours, top1) -> shares.add(new Votes(neighbours, top1.result())));
      return new Evaluations(
          count, shares, images, probe.result(), probeImages, probeLayer, rank.result(), width);
    }
  }
}
