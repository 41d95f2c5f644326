package io.simmim.pipeline.analyze;

import io.simmim.operators.image.mask.MaskType;
import io.simmim.schemas.text.KebabCase;
import java.util.OptionalDouble;

/**
 * AvgDist over mask ratios of one strategy on mask patches of one size.
 *
 * @param strategy how masked patches are chosen
 * @param patchSize side of a mask patch, in pixels
 * @param avgDist in pixels, per ratio; NaN where the strategy has no such mask
 */
record Curve(MaskType strategy, int patchSize, double[] avgDist) {
  String name() {
    return "%s %d".formatted(KebabCase.of(strategy), patchSize);
  }

  OptionalDouble at(int ratio) {
    return Double.isNaN(avgDist[ratio])
        ? OptionalDouble.empty()
        : OptionalDouble.of(avgDist[ratio]);
  }
}
