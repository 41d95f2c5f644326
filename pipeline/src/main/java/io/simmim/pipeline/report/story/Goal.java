package io.simmim.pipeline.report.story;

import java.util.OptionalLong;

/**
 * What a run is to do, as far as that is known.
 *
 * @param images of its list; nothing if images keep arriving
 * @param epochs nothing if it has none
 * @param steps nothing if it has no end
 * @param isKnown whether all of that is known: if not, what is missing says nothing
 */
public record Goal(OptionalLong images, OptionalLong epochs, OptionalLong steps, boolean isKnown) {
  /** Of a run that does not say what it is to do. */
  static final Goal UNKNOWN =
      new Goal(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), false);
}
