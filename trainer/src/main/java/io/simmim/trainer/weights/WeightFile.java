package io.simmim.trainer.weights;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.torchfile.TorchFile;
import java.io.IOException;
import java.nio.file.Path;

/** A file with weights, in any of the formats that are read. */
public final class WeightFile {
  private WeightFile() {}

  /**
   * Opens a file: its first bytes tell the format, not its name.
   *
   * @return closes the file when it is closed
   * @throws IOException with one line, without the name of the file, if it is damaged, holds what
   *     is refused, or has another format
   */
  public static NamedTensors open(Path file) throws IOException {
    try {
      return TorchFile.isOne(file)
          ? new TorchTensors(TorchFile.open(file))
          : new SafetensorsTensors(SafetensorsFile.open(file), "");
    } catch (IOException e) {
      // It may be a copy, whose name says nothing.
      throw new IOException(String.valueOf(e.getMessage()).replace(file + ": ", ""), e);
    }
  }
}
