package io.simmim.pipeline.reconstruct;

import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.image.mask.MaskType;
import io.simmim.operators.image.mask.SquarePlace;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.model.ModelConfig;
import java.util.OptionalDouble;

/**
 * Which part of the images is hidden, as the paper's figures do it.
 *
 * @param text {@code random}: patches anywhere. {@code center}: one square in the middle, where the
 *     object mostly is. {@code most-of-object}: four of five patches of such a square. Else the URI
 *     of a text file with rows of 0 and 1, one value per mask patch
 * @param ratio share of all patches that is hidden, if it is told
 */
public record MaskChoice(String text, OptionalDouble ratio) {
  private static final double RANDOM_RATIO = 0.6;
  private static final double OBJECT_RATIO = 0.25;

  /**
   * Refuses ratios that hide nothing or all.
   *
   * @throws UserError with what is allowed
   */
  public MaskChoice {
    ratio.ifPresent(
        share -> {
          if (!(share > 0 && share < 1)) {
            throw new UserError("--ratio must be above 0 and below 1: " + share);
          }
        });
  }

  /**
   * The choice for a model's images.
   *
   * @throws UserError if it hides nothing or all, or is a file that does not fit
   */
  MaskStrategy strategyFor(ModelConfig model) {
    int size = model.imageSize();
    int patch = size / model.maskSide();
    return switch (text) {
      case "random" -> {
        requireSome(RANDOM_RATIO, model);
        yield new MaskConfig(patch, ratio.orElse(RANDOM_RATIO)).strategyFor(size);
      }
      case "center" -> {
        requireSome(OBJECT_RATIO, model);
        yield new MaskConfig(
                MaskType.SQUARE, patch, ratio.orElse(OBJECT_RATIO), SquarePlace.CENTRAL, null)
            .strategyFor(size);
      }
      case "most-of-object" -> new MostOfCentre(model.maskSide(), requireSome(OBJECT_RATIO, model));
      default -> file(patch, size);
    };
  }

  private int requireSome(double otherwise, ModelConfig model) {
    int patches = model.maskSide() * model.maskSide();
    int masked = (int) Math.ceil(patches * ratio.orElse(otherwise));
    if (masked >= patches) {
      throw new UserError(
          "--ratio must leave at least one of %d mask patches visible: %s"
              .formatted(patches, ratio.orElse(otherwise)));
    }
    return masked;
  }

  private MaskStrategy file(int patch, int size) {
    try {
      return new MaskConfig(MaskType.FILE, patch, RANDOM_RATIO, SquarePlace.RANDOM, text)
          .strategyFor(size);
    } catch (UserError | IllegalArgumentException e) {
      throw new UserError(
          "--mask must be random, center, most-of-object or a text file of 0 and 1: %s (%s)"
              .formatted(PrintableText.of(text), e.getMessage()),
          e);
    }
  }
}
