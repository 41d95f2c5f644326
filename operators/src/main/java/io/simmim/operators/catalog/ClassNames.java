package io.simmim.operators.catalog;

import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Names of classes, numbered in the order in which they are found. Not thread-safe. */
public final class ClassNames {
  /** Bytes of a name. */
  public static final int LONGEST = 256;

  /** More are taken for names of single images. */
  static final int MOST = 100_000;

  private final Map<String, Integer> numbers = new HashMap<>();

  /** Whether a name is short enough and can be shown as it is. */
  public static boolean isAllowed(String name) {
    return !name.isEmpty()
        && name.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && PrintableText.of(name).equals(name);
  }

  /**
   * The number of a name that is allowed.
   *
   * @throws UserError if there are too many
   */
  public int number(String name) {
    Integer known = numbers.putIfAbsent(name, numbers.size());
    if (known != null) {
      return known;
    }
    if (numbers.size() > MOST) {
      throw new UserError(
          "the images have more than %,d classes, among them %s (allowed: folders or .cls that many images share)"
              .formatted(MOST, name));
    }
    return numbers.size() - 1;
  }

  /** The names in the order of their numbers. */
  public String[] names() {
    String[] names = new String[numbers.size()];
    numbers.forEach((name, number) -> names[number] = name);
    return names;
  }
}
