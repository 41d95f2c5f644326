package io.simmim.operators.image.randaugment;

import io.simmim.operators.image.pixel.AffineTransform;
import io.simmim.operators.image.pixel.Enhancement;
import io.simmim.operators.image.pixel.LevelTable;
import io.simmim.operators.image.pixel.RgbPlanes;
import java.util.Arrays;
import java.util.Optional;

/**
 * The kinds of operations that RandAugment chooses from, under timm's names, and how strong a
 * magnitude makes each. {@code Increasing} kinds change an image the more, the higher the magnitude
 * is; those beside them are what was there first.
 */
public enum OperationType {
  AUTO_CONTRAST("AutoContrast", Strength.NONE, (image, none) -> LevelTable.autoContrast(image)),
  EQUALIZE("Equalize", Strength.NONE, (image, none) -> LevelTable.equalize(image)),
  INVERT("Invert", Strength.NONE, (image, none) -> LevelTable.invert(image)),
  ROTATE("Rotate", Strength.DEGREES),
  POSTERIZE("Posterize", Strength.BITS, OperationType::posterize),
  POSTERIZE_INCREASING("PosterizeIncreasing", Strength.FEWER_BITS, OperationType::posterize),
  SOLARIZE("Solarize", Strength.THRESHOLD, OperationType::solarize),
  SOLARIZE_INCREASING("SolarizeIncreasing", Strength.LOWER_THRESHOLD, OperationType::solarize),
  SOLARIZE_ADD(
      "SolarizeAdd",
      Strength.ADDED_LEVELS,
      (image, added) -> LevelTable.solarizeAdd(image, (int) added)),
  COLOR("Color", Strength.FACTOR, Enhancement::color),
  COLOR_INCREASING("ColorIncreasing", Strength.FACTOR_AROUND_ONE, Enhancement::color),
  CONTRAST("Contrast", Strength.FACTOR, Enhancement::contrast),
  CONTRAST_INCREASING("ContrastIncreasing", Strength.FACTOR_AROUND_ONE, Enhancement::contrast),
  BRIGHTNESS("Brightness", Strength.FACTOR, Enhancement::brightness),
  BRIGHTNESS_INCREASING(
      "BrightnessIncreasing", Strength.FACTOR_AROUND_ONE, Enhancement::brightness),
  SHARPNESS("Sharpness", Strength.FACTOR, Enhancement::sharpness),
  SHARPNESS_INCREASING("SharpnessIncreasing", Strength.FACTOR_AROUND_ONE, Enhancement::sharpness),
  SHEAR_X("ShearX", Strength.SHEAR),
  SHEAR_Y("ShearY", Strength.SHEAR),
  TRANSLATE_X_REL("TranslateXRel", Strength.SHARE_OF_SIDE),
  TRANSLATE_Y_REL("TranslateYRel", Strength.SHARE_OF_SIDE);

  /** What an operation does to levels. */
  @FunctionalInterface
  private interface Levels {
    void apply(RgbPlanes image, double argument);
  }

  private final String label;
  final Strength strength;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Levels levels;

  /** Moves pixels. */
  OperationType(String label, Strength strength) {
    this(label, strength, null);
  }

  OperationType(String label, Strength strength, Levels levels) {
    this.label = label;
    this.strength = strength;
    this.levels = levels;
  }

  /** The type with one of timm's names. */
  public static Optional<OperationType> named(String label) {
    return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
  }

  /** timm's name. */
  public String label() {
    return label;
  }

  /** Whether pixels are moved, so that there is an interpolation and a fill colour. */
  public boolean isGeometric() {
    return levels == null;
  }

  /**
   * Whether every build of Pillow computes the same: those that mix levels round as their compiler
   * and C library do.
   */
  public boolean isRoundedAlike() {
    return !isGeometric() && strength != Strength.FACTOR && strength != Strength.FACTOR_AROUND_ONE;
  }

  void changeLevels(RgbPlanes image, double argument) {
    levels.apply(image, argument);
  }

  /** Where pixels of an image come from; of a geometric operation only. */
  AffineTransform transform(double argument, int width, int height) {
    return switch (this) {
      case ROTATE -> AffineTransform.rotation(argument, width, height);
      case SHEAR_X -> AffineTransform.shearX(argument);
      case SHEAR_Y -> AffineTransform.shearY(argument);
      case TRANSLATE_X_REL -> AffineTransform.shift(argument * width, 0);
      case TRANSLATE_Y_REL -> AffineTransform.shift(0, argument * height);
      default -> throw new IllegalStateException(label + " moves no pixels");
    };
  }

  private static void posterize(RgbPlanes image, double bits) {
    LevelTable.posterize(image, (int) bits);
  }

  private static void solarize(RgbPlanes image, double threshold) {
    LevelTable.solarize(image, (int) threshold);
  }
}
