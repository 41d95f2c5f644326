package io.simmim.pipeline.report.story;

import java.util.OptionalLong;

/**
 * What a run is to do, as far as that is known.
 *
 * @param images of its list; nothing if images keep arriving
 * @param epochs nothing if it has none
 * @param steps nothing if it has no end
 */
public record Goal(OptionalLong images, OptionalLong epochs, OptionalLong steps) {}
