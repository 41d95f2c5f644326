package io.simmim.operators.image.crop;

import io.simmim.schemas.random.Philox;

/** How the pixels of a training image are interpolated: always in one way, or by chance. */
public enum InterpolationChoice {
  BILINEAR,
  BICUBIC,
  /** Either, with the same chance each time. */
  RANDOM;

  /** The interpolation of the next operation. */
  public Interpolation draw(Philox random) {
    return switch (this) {
      case BILINEAR -> Interpolation.BILINEAR;
      case BICUBIC -> Interpolation.BICUBIC;
      case RANDOM -> random.nextDouble() < 0.5 ? Interpolation.BILINEAR : Interpolation.BICUBIC;
    };
  }
}
