package io.simmim.trainer.weights;

import io.simmim.schemas.torchfile.TorchFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a file of PyTorch. */
final class TorchTensors implements NamedTensors {
  private final TorchFile file;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /**
   * @param file closed with this
   */
  TorchTensors(TorchFile file) {
    this.file = file;
    file.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    file.read(file.tensors().get(name), start, into);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
