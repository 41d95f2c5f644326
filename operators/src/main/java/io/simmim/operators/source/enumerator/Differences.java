package io.simmim.operators.source.enumerator;

import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;

/** What a checkpoint says otherwise than the run that is to continue from it. */
final class Differences {
  private final List<String> found = new ArrayList<>();

  Differences compare(String name, Object before, Object now) {
    if (!before.equals(now)) {
      found.add("%s %s, not %s".formatted(name, before, now));
    }
    return this;
  }

  /**
   * Ends if there is any.
   *
   * @throws UserError that names all of them
   */
  void requireNone() {
    if (!found.isEmpty()) {
      throw new UserError(
          "cannot resume: the checkpoint was made with " + String.join(", ", found));
    }
  }
}
