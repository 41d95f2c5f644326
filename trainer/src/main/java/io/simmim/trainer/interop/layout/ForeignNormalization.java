package io.simmim.trainer.interop.layout;

import io.simmim.schemas.Normalization;
import java.util.List;
import java.util.Optional;

/**
 * How a library normalises the images that it shows a model. transformers says it in {@link
 * ForeignText#PREPROCESSOR}, timm in the {@code pretrained_cfg} of its {@code config.json}, older
 * versions beside the other keys there.
 */
public final class ForeignNormalization {
  private static final double LEVEL = 1 / 255.0;

  /** Files have as many digits of a level as their writer liked. */
  private static final double ROUNDING = 1e-6;

  private static final Normalization NONE =
      new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

  private ForeignNormalization() {}

  /**
   * That of a model of transformers or timm.
   *
   * @return nothing if it is not said: ImageNet's then, which is timm's default and that of most
   *     weights without the file of transformers, which itself shows a model no image then
   * @throws IllegalArgumentException if more is done to images than here; the message is one line
   *     for people
   */
  public static Optional<Normalization> of(ForeignConfig config, Optional<String> preprocessor) {
    return config.library() == Library.TIMM
        ? ofTimm(config)
        : preprocessor.map(ForeignNormalization::ofTransformers);
  }

  private static Optional<Normalization> ofTimm(ForeignConfig config) {
    ForeignConfig shown = config.has("pretrained_cfg") ? config.object("pretrained_cfg") : config;
    if (!shown.has("mean") && !shown.has("std")) {
      return Optional.empty();
    }
    Normalization byDefault = Normalization.IMAGENET;
    return Optional.of(
        Normalization.named(
            "mean",
            shown.has("mean") ? shown.channels("mean") : byDefault.mean(),
            "std",
            shown.has("std") ? shown.channels("std") : byDefault.deviation()));
  }

  private static Normalization ofTransformers(String text) {
    try {
      ForeignConfig shown = ForeignConfig.ofPreprocessor(text);
      shown.require("do_rescale", "true");
      double factor = shown.number("rescale_factor", LEVEL);
      if (!(Math.abs(factor - LEVEL) <= ROUNDING * LEVEL)) {
        throw new IllegalArgumentException("rescale_factor must be 1/255: " + factor);
      }
      return shown.truth("do_normalize", true)
          ? Normalization.named(
              "image_mean", shown.channels("image_mean"), "image_std", shown.channels("image_std"))
          : NONE;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(ForeignText.PREPROCESSOR + ": " + e.getMessage(), e);
    }
  }
}
