package io.simmim.trainer.weights;

import java.util.List;
import java.util.Optional;

/** How the positions of one resolution or window become those of another. */
public interface Resampling {
  /**
   * The resampling of a tensor.
   *
   * @param name of the tensor
   * @param found its shape
   * @param wanted the model's
   * @return nothing if it holds no positions, or differs in more than them
   */
  static Optional<Resampling> of(String name, List<Long> found, List<Long> wanted) {
    if (name.endsWith("pos_embed")) {
      return PositionGrid.between(found, wanted).map(grid -> grid);
    }
    if (name.endsWith("relative_position_bias_table")) {
      return BiasTable.between(found, wanted).map(table -> table);
    }
    return Optional.empty();
  }

  /** The values after it, in the model's shape. */
  float[] apply(float[] values);

  /** What it does, for people. */
  String text();
}
