package io.simmim.operators.image.randaugment;

import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.schemas.random.Philox;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * RandAugment (Cubuk et al., "RandAugment: practical automated data augmentation with a reduced
 * search space", 2020) as timm does it: some operations for each image, each applied with a
 * probability and a strength that varies around a magnitude.
 *
 * <p>Follows timm in distribution: the same operations with the same chances, magnitudes that are
 * normal around the given one and cut to their range, signs and interpolations with a chance of one
 * half. It does not follow timm's stream of random numbers, which depends on the process that loads
 * an image: here all of it is a function of the sample, so that a run that is resumed repeats it.
 */
public final class RandAugment implements Serializable {
  private static final long serialVersionUID = 1;

  /** From this deviation on, magnitudes are uniform between 0 and the given one, as in timm. */
  static final double UNIFORM_ABOVE = 100;

  private final RandAugmentText text;
  private final OperationChoice choice;
  private final InterpolationChoice interpolation;

  private RandAugment(RandAugmentText text, InterpolationChoice interpolation) {
    this.text = text;
    this.interpolation = Objects.requireNonNull(interpolation, "interpolation");
    choice = text.choice();
  }

  /**
   * Reads what timm's configurations say.
   *
   * @param text {@code rand} and sections after hyphens, as {@code rand-m9-mstd0.5-inc1}: {@code m}
   *     magnitude (10), {@code n} operations of an image (2), {@code p} probability of each (0.5),
   *     {@code mstd} deviation of the magnitude (0; above 100 it is uniform up to {@code m}),
   *     {@code mmax} largest magnitude (10), {@code inc1} kinds that grow with the magnitude,
   *     {@code w0} or {@code tweights} timm's weights
   * @param interpolation between pixels that are moved
   * @throws IllegalArgumentException if it says something else
   */
  public static RandAugment parse(String text, InterpolationChoice interpolation) {
    return new RandAugment(RandAugmentText.parse(text), interpolation);
  }

  /**
   * The operations of an image, in order.
   *
   * @param random of the purpose RAND_AUGMENT
   */
  public List<PixelOperation> draw(Philox random) {
    List<PixelOperation> operations = new ArrayList<>(text.operations());
    for (OperationType type : choice.draw(random, text.operations())) {
      if (random.nextDouble() < text.probability()) {
        operations.add(operation(type, random));
      }
    }
    return operations;
  }

  private PixelOperation operation(OperationType type, Philox random) {
    double magnitude = Math.max(0, Math.min(text.largest(), magnitude(random)));
    boolean negated = type.strength.hasSign() && random.nextDouble() < 0.5;
    return new PixelOperation(
        type, type.strength.argument(magnitude, negated), interpolation.draw(random));
  }

  private double magnitude(Philox random) {
    double deviation = text.deviation();
    if (deviation > UNIFORM_ABOVE) {
      return text.magnitude() * random.nextDouble();
    }
    return deviation > 0 ? text.magnitude() + deviation * random.nextGaussian() : text.magnitude();
  }
}
