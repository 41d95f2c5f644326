package io.simmim.operators.image.randaugment;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a text says of {@link RandAugment}.
 *
 * @param magnitude 0 to 100
 * @param operations of an image
 * @param probability of each operation to be applied
 * @param deviation of the magnitude
 * @param largest magnitude
 * @param increasing whether the kinds are those that grow with the magnitude
 * @param weights which of timm's, or none
 */
record RandAugmentText(
    int magnitude,
    int operations,
    double probability,
    double deviation,
    int largest,
    boolean increasing,
    Weights weights)
    implements Serializable {
  /** How often each operation is chosen. */
  enum Weights {
    NONE,
    FIRST,
    LATER
  }

  private static final String LATER_WEIGHTS = "tweights";
  private static final Pattern NUMBER = Pattern.compile("([a-z]+)([0-9]+(\\.[0-9]+)?)");

  OperationChoice choice() {
    return switch (weights) {
      case NONE -> OperationChoice.equal(increasing);
      case FIRST -> OperationChoice.firstWeights(increasing);
      case LATER -> OperationChoice.laterWeights();
    };
  }

  static RandAugmentText parse(String text) {
    String[] parts = text.split("-", -1);
    if (!parts[0].equals("rand")) {
      throw refused(text, parts[0]);
    }
    Map<String, String> sections = new HashMap<>();
    for (int i = 1; i < parts.length; i++) {
      Matcher number = NUMBER.matcher(parts[i]);
      boolean allowed = number.matches() && isAllowed(number.group(1), number.group(2));
      String name = allowed ? number.group(1) : parts[i];
      if ((!allowed && !name.equals(LATER_WEIGHTS))
          || sections.put(name, allowed ? number.group(2) : "") != null) {
        throw refused(text, parts[i]);
      }
    }
    if (sections.containsKey("w") && sections.containsKey(LATER_WEIGHTS)) {
      throw refused(text, LATER_WEIGHTS);
    }
    RandAugmentText read = of(sections);
    if (read.operations > read.choice().most()) {
      throw new IllegalArgumentException(
          "finetune.rand-augment must have at most n%d with these weights: %s"
              .formatted(read.choice().most(), text));
    }
    return read;
  }

  private static boolean isAllowed(String name, String value) {
    return switch (name) {
      case "m" -> isWhole(value, 0, 100);
      case "n" -> isWhole(value, 1, 16);
      case "mmax" -> isWhole(value, 1, 100);
      case "inc" -> isWhole(value, 0, 1);
      case "w" -> isWhole(value, 0, 0);
      case "p" -> Double.parseDouble(value) <= 1;
      case "mstd" -> Double.parseDouble(value) <= 1000;
      default -> false;
    };
  }

  private static boolean isWhole(String value, int least, int most) {
    double number = Double.parseDouble(value);
    return !value.contains(".") && number >= least && number <= most;
  }

  private static RandAugmentText of(Map<String, String> sections) {
    return new RandAugmentText(
        Integer.parseInt(sections.getOrDefault("m", "10")),
        Integer.parseInt(sections.getOrDefault("n", "2")),
        Double.parseDouble(sections.getOrDefault("p", "0.5")),
        Double.parseDouble(sections.getOrDefault("mstd", "0")),
        Integer.parseInt(sections.getOrDefault("mmax", "10")),
        sections.getOrDefault("inc", "0").equals("1"),
        sections.containsKey(LATER_WEIGHTS)
            ? Weights.LATER
            : sections.containsKey("w") ? Weights.FIRST : Weights.NONE);
  }

  private static IllegalArgumentException refused(String text, String part) {
    return new IllegalArgumentException(
        ("finetune.rand-augment must be none, or rand and sections m0 to m100, n1 to n16, p0 to p1, mstd0 to mstd1000,"
                + " mmax1 to mmax100, inc0, inc1, w0 or tweights, each once, after hyphens:"
                + " \"%s\" in \"%s\"")
            .formatted(part, text));
  }
}
