package io.simmim.pipeline.embed;

import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.schemas.UserError;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** The model that all tasks of a process use together. */
final class SharedEncoder {
  private static final Shared<FrozenEncoder> OPEN = new Shared<>(FrozenEncoder::close);

  private SharedEncoder() {}

  /**
   * Opens a model, unless it is open.
   *
   * @param folder of the model
   * @param digest of its weights
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @throws SuppressRestartsException if it is not there, or another one by now
   * @throws IOException if storage fails and may be back
   */
  static Shared.Use<FrozenEncoder> open(String folder, String digest, String device)
      throws IOException {
    return OPEN.open(String.join(" ", digest, device), () -> load(folder, digest, device));
  }

  /** What storage refuses will not be there after a restart; when it fails, that may help. */
  private static FrozenEncoder load(String folder, String digest, String device)
      throws IOException {
    try {
      ModelFolder model = ModelFolder.read("--model", folder);
      if (!model.digest().equals(digest)) {
        throw new UserError("the model is not the one that the job began with: " + folder);
      }
      return model.open(device);
    } catch (UserError e) {
      throw new SuppressRestartsException(e);
    }
  }
}
