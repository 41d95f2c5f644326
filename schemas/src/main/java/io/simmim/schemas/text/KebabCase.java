package io.simmim.schemas.text;

import java.util.Locale;

/** Names of constants as users write them in keys and messages. */
public final class KebabCase {
  private KebabCase() {}

  /** {@code MULTI_STEP} as {@code multi-step}. */
  public static String of(Enum<?> constant) {
    return of(constant.name());
  }

  /** The same of a name. */
  public static String of(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
