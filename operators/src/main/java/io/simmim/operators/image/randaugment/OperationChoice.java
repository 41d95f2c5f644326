package io.simmim.operators.image.randaugment;

import io.simmim.schemas.random.Philox;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which operations RandAugment chooses from, and how often. Without weights each has the same
 * chance every time; with weights, none comes twice in an image, as in timm.
 */
final class OperationChoice implements Serializable {
  private static final long serialVersionUID = 1;

  private static final List<OperationType> ALL =
      List.of(
          OperationType.AUTO_CONTRAST,
          OperationType.EQUALIZE,
          OperationType.INVERT,
          OperationType.ROTATE,
          OperationType.POSTERIZE,
          OperationType.SOLARIZE,
          OperationType.SOLARIZE_ADD,
          OperationType.COLOR,
          OperationType.CONTRAST,
          OperationType.BRIGHTNESS,
          OperationType.SHARPNESS,
          OperationType.SHEAR_X,
          OperationType.SHEAR_Y,
          OperationType.TRANSLATE_X_REL,
          OperationType.TRANSLATE_Y_REL);

  /** timm's first weights (its {@code w0}), in the order of {@link #ALL}. */
  private static final double[] FIRST_WEIGHTS = {
    0.025, 0.005, 0, 0.3, 0, 0.005, 0.005, 0.025, 0.005, 0.005, 0.025, 0.2, 0.2, 0.1, 0.1
  };

  /** timm's later weights (its {@code tweights}), in the same order, of the increasing kinds. */
  private static final double[] LATER_WEIGHTS = {
    0.25, 0.05, 0.05, 3, 0.05, 0.05, 0.05, 0.25, 0.05, 0.05, 0.25, 2, 2, 1, 1
  };

  private static final Map<OperationType, OperationType> INCREASING =
      new EnumMap<>(
          Map.of(
              OperationType.POSTERIZE, OperationType.POSTERIZE_INCREASING,
              OperationType.SOLARIZE, OperationType.SOLARIZE_INCREASING,
              OperationType.COLOR, OperationType.COLOR_INCREASING,
              OperationType.CONTRAST, OperationType.CONTRAST_INCREASING,
              OperationType.BRIGHTNESS, OperationType.BRIGHTNESS_INCREASING,
              OperationType.SHARPNESS, OperationType.SHARPNESS_INCREASING));

  private final OperationType[] types;

  /** Relative, or null. */
  private final double[] weights;

  private OperationChoice(List<OperationType> types, double[] weights) {
    this.types = types.toArray(OperationType[]::new);
    this.weights = weights;
  }

  /** Each of the fifteen with the same chance. */
  static OperationChoice equal(boolean increasing) {
    return new OperationChoice(types(increasing), null);
  }

  /** Mostly those that move pixels, with the weights of timm up to 0.6. */
  static OperationChoice firstWeights(boolean increasing) {
    return new OperationChoice(types(increasing), FIRST_WEIGHTS);
  }

  /** Mostly those that move pixels, with the weights of timm from 0.8 on; increasing kinds only. */
  static OperationChoice laterWeights() {
    return new OperationChoice(types(true), LATER_WEIGHTS);
  }

  private static List<OperationType> types(boolean increasing) {
    return increasing
        ? ALL.stream().map(type -> INCREASING.getOrDefault(type, type)).toList()
        : ALL;
  }

  /** Most operations that an image can get, where none comes twice. */
  int most() {
    if (weights == null) {
      return Integer.MAX_VALUE;
    }
    int most = 0;
    for (double weight : weights) {
      most += weight > 0 ? 1 : 0;
    }
    return most;
  }

  /** Draws the operations of an image, in the order in which they come. */
  List<OperationType> draw(Philox random, int count) {
    List<OperationType> drawn = new ArrayList<>(count);
    while (drawn.size() < count) {
      drawn.add(weights == null ? types[random.nextInt(types.length)] : weighted(random, drawn));
    }
    return drawn;
  }

  private OperationType weighted(Philox random, List<OperationType> without) {
    double rest = 0;
    for (int i = 0; i < types.length; i++) {
      rest += without.contains(types[i]) ? 0 : weights[i];
    }
    double at = random.nextDouble() * rest;
    OperationType last = null;
    for (int i = 0; i < types.length; i++) {
      if (weights[i] > 0 && !without.contains(types[i])) {
        last = types[i];
        at -= weights[i];
        if (at < 0) {
          break;
        }
      }
    }
    return last;
  }
}
