package io.simmim.schemas.text;

import java.util.Locale;
import java.util.Optional;

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

  /** The constant that is written like this, if there is one. */
  public static <E extends Enum<E>> Optional<E> find(Class<E> type, String name) {
    for (E constant : type.getEnumConstants()) {
      if (of(constant).equals(name)) {
        return Optional.of(constant);
      }
    }
    return Optional.empty();
  }
}
