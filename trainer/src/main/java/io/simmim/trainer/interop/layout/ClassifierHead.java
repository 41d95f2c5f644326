package io.simmim.trainer.interop.layout;

import java.util.List;

/**
 * A linear classifier behind an encoder.
 *
 * @param classes number of classes, at least 1
 * @param names of the classes in the order of their numbers; empty if they are not known
 */
public record ClassifierHead(int classes, List<String> names) {
  /** Before the official names of its weight (classes, C) and bias (classes). */
  public static final String PREFIX = "head.";

  public ClassifierHead {
    names = List.copyOf(names);
    if (classes < 1 || (!names.isEmpty() && names.size() != classes)) {
      throw new IllegalArgumentException(
          "a classifier must have a class, and a name for each or none: %d, %d names"
              .formatted(classes, names.size()));
    }
  }
}
