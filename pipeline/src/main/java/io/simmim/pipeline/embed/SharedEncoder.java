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
   * @param model where it is, what it is, and on which device it is to be
   * @throws SuppressRestartsException if it is not there, or another one by now
   * @throws IOException if storage fails and may be back
   */
  static Shared.Use<FrozenEncoder> open(EmbedModel model) throws IOException {
    return OPEN.open(
        String.join(" ", model.digest(), model.normalization().toString(), model.device()),
        () -> load(model));
  }

  /** What storage refuses will not be there after a restart; when it fails, that may help. */
  private static FrozenEncoder load(EmbedModel wanted) throws IOException {
    try {
      ModelFolder model = ModelFolder.read("--model", wanted.folder());
      if (!model.digest().equals(wanted.digest())
          || !model.description().model().normalization().equals(wanted.normalization())) {
        throw new UserError("the model is not the one that the job began with: " + wanted.folder());
      }
      return model.open(wanted.device());
    } catch (UserError e) {
      throw new SuppressRestartsException(e);
    }
  }
}
