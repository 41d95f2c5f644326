package io.simmim.trainer.weights;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.text.PrintableText;
import io.simmim.schemas.torchfile.TorchFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with weights, in any of the formats that are read. */
public final class WeightFile {
  private static final int SHOWN_BYTES = 24;

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
      if (TorchFile.isOne(file)) {
        return new TorchTensors(TorchFile.open(file));
      }
      if (SafetensorsFile.isOne(file)) {
        return new SafetensorsTensors(SafetensorsFile.open(file), "");
      }
      throw new IOException("neither safetensors nor PyTorch: " + beginning(file));
    } catch (IOException e) {
      // It may be a copy, whose name says nothing.
      throw new IOException(String.valueOf(e.getMessage()).replace(file + ": ", ""), e);
    }
  }

  /** What a file of another format is: a page of an error, or a pointer of Git LFS. */
  private static String beginning(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(SHOWN_BYTES), StandardCharsets.US_ASCII);
      return text.isEmpty() ? "it is empty" : "it begins with \"" + PrintableText.of(text) + "\"";
    }
  }
}
