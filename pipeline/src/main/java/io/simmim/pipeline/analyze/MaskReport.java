package io.simmim.pipeline.analyze;

import io.simmim.operators.image.mask.AvgDist;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskType;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.text.KebabCase;
import java.util.Locale;

/** The masks of a run in one line, with their AvgDist (SimMIM paper, figure 3). */
public final class MaskReport {
  private MaskReport() {}

  public static String line(SimmimConfig config) {
    MaskConfig mask = config.mask();
    AvgDist.Estimate distance = AvgDist.ofRun(config.image().size(), mask, config.seed());
    String source =
        mask.strategy() == MaskType.FILE
            ? "from file " + mask.file()
            : KebabCase.of(mask.strategy());
    String share = mask.strategy() == MaskType.FILE ? "" : ", ratio %s".formatted(mask.ratio());
    return String.format(
        Locale.ROOT,
        "masks %s, patches of %d pixels%s: AvgDist %.2f pixels (mean of %d)",
        source,
        mask.patchSize(),
        share,
        distance.mean(),
        distance.masks());
  }
}
