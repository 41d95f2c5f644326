package io.simmim.trainer.operator.weights;

import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignTensors;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/** A file of weights that a user names, which a description beside it may give a meaning. */
public final class GivenWeights {
  private GivenWeights() {}

  /**
   * Opens weights: under official names where a {@code config.json} of transformers, timm or a
   * fine-tuning is beside them, else under the names that they have.
   *
   * @param file where it is, on any Flink file system
   * @param copy the same file on this machine
   * @throws IllegalArgumentException if the description is a library's, and no such model is here,
   *     or the tensors are not those of the description; the message is one line for people
   */
  public static NamedTensors open(Path file, java.nio.file.Path copy) throws IOException {
    Optional<ForeignText> text =
        DescriptionFiles.in(file.getParent()).filter(GivenWeights::isForeign);
    NamedTensors weights = WeightFile.open(copy);
    return text.isPresent() ? ForeignTensors.of(text.get(), weights) : weights;
  }

  /** Whatever else stands beside weights, names and shapes decide. */
  private static boolean isForeign(ForeignText text) {
    try {
      return ForeignModel.isForeign(text.config());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
