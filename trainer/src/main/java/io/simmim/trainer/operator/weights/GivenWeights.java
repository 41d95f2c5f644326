package io.simmim.trainer.operator.weights;

import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignTensors;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/** A file of weights that a user names, which a description beside it may give a meaning. */
public final class GivenWeights {
  private static final int LONGEST_DESCRIPTION = 1 << 25;

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
    Optional<String> description = description(file).filter(GivenWeights::isForeign);
    NamedTensors weights = WeightFile.open(copy);
    return description.isPresent() ? ForeignTensors.of(description.get(), weights) : weights;
  }

  /** Whatever else stands beside weights, names and shapes decide. */
  private static boolean isForeign(String description) {
    try {
      return ForeignModel.isForeign(description);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<String> description(Path file) throws IOException {
    Path beside = new Path(file.getParent(), ModelPaths.CONFIG);
    try (InputStream in = beside.getFileSystem().open(beside)) {
      return Optional.of(new String(in.readNBytes(LONGEST_DESCRIPTION), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }
}
