package io.simmim.pipeline.embed;

import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.schemas.UserError;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * A model that all tasks of a process use together, since each would hold its weights otherwise.
 * Thread-safe; the last one that closes it frees it.
 */
final class SharedEncoder implements AutoCloseable {
  private static final Map<String, SharedEncoder> OPEN = new HashMap<>();

  private final String key;
  private final FrozenEncoder encoder;
  private int users;

  private SharedEncoder(String key, FrozenEncoder encoder) {
    this.key = key;
    this.encoder = encoder;
  }

  /**
   * Opens a model, unless it is open.
   *
   * @param folder of the model
   * @param digest of its weights
   * @param device {@code cpu}, or {@code gpu0} and so on
   */
  static SharedEncoder open(String folder, String digest, String device) throws IOException {
    synchronized (OPEN) {
      String key = String.join(" ", digest, device);
      SharedEncoder shared = OPEN.get(key);
      if (shared == null) {
        shared = new SharedEncoder(key, load(folder, digest, device));
        OPEN.put(key, shared);
      }
      shared.users++;
      return shared;
    }
  }

  private static FrozenEncoder load(String folder, String digest, String device)
      throws IOException {
    try {
      ModelFolder model = ModelFolder.find(folder);
      if (!model.digest().equals(digest)) {
        throw new UserError("the model is not the one that the job began with: " + folder);
      }
      return model.open(device);
    } catch (UserError e) {
      throw new SuppressRestartsException(e);
    }
  }

  FrozenEncoder encoder() {
    return encoder;
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (--users == 0) {
        OPEN.remove(key);
        encoder.close();
      }
    }
  }
}
