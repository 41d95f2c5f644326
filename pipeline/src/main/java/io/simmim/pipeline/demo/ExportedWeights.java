package io.simmim.pipeline.demo;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.StateReader;
import io.simmim.trainer.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** An exported model as the state of a training run that has just begun: moments are zero. */
final class ExportedWeights implements StateReader {
  private static final String PARAMETER = "param/";

  private final List<TensorSpec> tensors;
  private final SafetensorsFile file;

  /**
   * Reads from a file, which the caller closes.
   *
   * @param tensors names and shapes that the model asks for
   */
  ExportedWeights(List<TensorSpec> tensors, SafetensorsFile file) {
    this.tensors = List.copyOf(tensors);
    this.file = file;
  }

  @Override
  public List<TensorSpec> tensors() {
    return tensors;
  }

  @Override
  public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
    String name = tensors.get(tensor).name();
    if (name.startsWith(PARAMETER)) {
      file.read(file.tensor(name.substring(PARAMETER.length())), byteOffset, into);
    } else {
      into.put(new byte[into.remaining()]);
    }
  }
}
