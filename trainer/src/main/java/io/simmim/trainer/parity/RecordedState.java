package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.StateReader;
import io.simmim.trainer.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The recorded initial parameters as a training state: moments and step are zero. */
final class RecordedState implements StateReader {
  private static final String PARAMETER = "param/";

  private final SafetensorsFile file;
  private final List<TensorSpec> tensors;

  /**
   * @param tensors what the model expects
   */
  RecordedState(SafetensorsFile file, List<TensorSpec> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  @Override
  public List<TensorSpec> tensors() {
    return tensors;
  }

  @Override
  public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
    String name = tensors.get(tensor).name();
    if (name.startsWith(PARAMETER)) {
      TensorEntry entry = file.tensor("param." + name.substring(PARAMETER.length()));
      file.read(entry, byteOffset, into);
    } else {
      while (into.hasRemaining()) {
        into.put((byte) 0);
      }
    }
  }
}
