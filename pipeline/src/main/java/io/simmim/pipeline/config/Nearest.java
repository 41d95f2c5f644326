package io.simmim.pipeline.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody may have meant by a name that there is not. */
public final class Nearest {
  private Nearest() {}

  /**
   * The known name that takes the fewest edits, the first of several; nothing if all are far.
   *
   * @param wrong as it was written
   */
  public static Optional<String> to(String wrong, Collection<String> known) {
    return known.stream()
        .filter(name -> 2 * edits(wrong, name) <= Math.max(wrong.length(), name.length()))
        .min(Comparator.comparingInt(name -> edits(wrong, name)));
  }

  /** Letters that are changed, added, left out or swapped with the next one. */
  static int edits(String a, String b) {
    int[] beforePrevious = new int[b.length() + 1];
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          current[j] = Math.min(current[j], 1 + beforePrevious[j - 2]);
        }
      }
      beforePrevious = previous;
      previous = current;
    }
    return previous[b.length()];
  }
}
