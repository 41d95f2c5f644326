package io.simmim.pipeline.report.story;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The images that could not be used.
 *
 * @param total how many
 * @param reasons the most frequent one first
 */
public record RejectedImages(long total, List<Reason> reasons) {
  static final int MOST_REASONS = 40;
  static final int MOST_EXAMPLES = 3;
  private static final int LONGEST_TEXT = 300;

  public RejectedImages {
    reasons = List.copyOf(reasons);
  }

  /**
   * Images that were rejected for like reasons.
   *
   * @param text the reason, with … for numbers
   * @param examples the first ones
   */
  public record Reason(String text, long count, List<Example> examples) {}

  /**
   * One image.
   *
   * @param uri where it is; others have named it
   * @param reason the whole reason
   */
  public record Example(String uri, String reason) {}

  /** Adds up the lines of {@code rejected.jsonl}. */
  static final class Lines {
    private static final String OTHERS = "other reasons";

    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private long total;

    void add(String line) {
      JsonFields.of(line).ifPresent(this::add);
    }

    private void add(JsonFields image) {
      total++;
      String reason = image.text("reason", LONGEST_TEXT);
      String like = reason.replaceAll("[0-9]+([.,][0-9]+)*", "…");
      if (!tallies.containsKey(like) && tallies.size() >= MOST_REASONS) {
        like = OTHERS;
      }
      Tally tally = tallies.computeIfAbsent(like, none -> new Tally());
      tally.count++;
      if (tally.examples.size() < MOST_EXAMPLES) {
        tally.examples.add(new Example(image.text("uri", LONGEST_TEXT), reason));
      }
    }

    RejectedImages result() {
      List<Reason> reasons = new ArrayList<>();
      tallies.forEach(
          (text, tally) -> reasons.add(new Reason(text, tally.count, List.copyOf(tally.examples))));
      reasons.sort(Comparator.comparingLong(Reason::count).reversed());
      return new RejectedImages(total, reasons);
    }

    private static final class Tally {
      private final List<Example> examples = new ArrayList<>();
      private long count;
    }
  }
}
