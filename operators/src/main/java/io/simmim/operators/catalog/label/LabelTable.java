package io.simmim.operators.catalog.label;

import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The class of each image of a catalog, by the image's number: labels stay beside the catalog, and
 * neither its file nor what travels knows of them. Classes are numbered from 0 in the order of
 * their names' UTF-8 bytes, as torchvision does; if all names are numbers, by their value.
 *
 * <p>An image whose class nothing tells has none; it is counted, and the first is named. Four bytes
 * per image. Immutable and thread-safe.
 */
public final class LabelTable implements Serializable {
  private static final long serialVersionUID = 1;

  /** Instead of the number of a class. */
  public static final int NONE = -1;

  private final List<String> classes;
  private final int[] labels;
  private final long without;
  private final String firstWithout;

  /**
   * @param labels number of the class of each image, or {@link #NONE}; not copied
   * @param without usable images without a class
   * @param firstWithout the first of them and why, for people
   */
  LabelTable(List<String> classes, int[] labels, long without, String firstWithout) {
    this.classes = List.copyOf(classes);
    this.labels = labels;
    this.without = without;
    this.firstWithout = firstWithout;
  }

  /**
   * A table for images whose classes mean nothing: all have the same.
   *
   * @param images number of images
   */
  public static LabelTable ofOneClass(long images) {
    return new LabelTable(List.of("image"), new int[Math.toIntExact(images)], 0, "");
  }

  /** Names of the classes in the order of their numbers. */
  public List<String> classes() {
    return classes;
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }

  /**
   * Number of the class of an image, or {@link #NONE}.
   *
   * @param sampleId number of the image in the catalog
   */
  public int of(long sampleId) {
    return labels[Math.toIntExact(sampleId)];
  }

  /**
   * The labels of some of the images, which are numbered anew.
   *
   * @param sampleIds their numbers until now, in the order of the new ones
   */
  public LabelTable of(long[] sampleIds) {
    int[] some = new int[sampleIds.length];
    for (int i = 0; i < some.length; i++) {
      some[i] = of(sampleIds[i]);
    }
    return new LabelTable(classes, some, 0, "");
  }

  /** Number of the class of each image, or {@link #NONE}. */
  public int[] toArray() {
    return labels.clone();
  }

  /** Usable images that have no class. */
  public long without() {
    return without;
  }

  /** A line for people, if there are images without a class. */
  public Optional<String> note() {
    return without == 0
        ? Optional.empty()
        : Optional.of(
            "left out images without a class: %,d, the first is %s"
                .formatted(without, PrintableText.of(firstWithout)));
  }

  /**
   * The table with the numbers of other classes.
   *
   * @param others in the order of their numbers
   * @throws UserError if a class is not among them
   */
  public LabelTable numberedAs(List<String> others) {
    Map<String, Integer> numbers = new HashMap<>();
    others.forEach(name -> numbers.put(name, numbers.size()));
    int[] changed = new int[classes.size()];
    for (int i = 0; i < changed.length; i++) {
      Integer number = numbers.get(classes.get(i));
      if (number == null) {
        throw new UserError(
            "unknown class: %s (allowed: %s)"
                .formatted(PrintableText.of(classes.get(i)), shown(others)));
      }
      changed[i] = number;
    }
    int[] renumbered = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      renumbered[i] = labels[i] == NONE ? NONE : changed[labels[i]];
    }
    return new LabelTable(others, renumbered, without, firstWithout);
  }

  private static String shown(List<String> names) {
    int most = 10;
    String first =
        PrintableText.of(String.join(", ", names.subList(0, Math.min(most, names.size()))));
    return names.size() <= most ? first : "%s, … (%,d)".formatted(first, names.size());
  }
}
