package io.simmim.pipeline.evaluate;

import io.simmim.trainer.export.SafetensorsWriter;
import io.simmim.trainer.state.StateReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Weights in a temporary file, which goes when this is closed.
 *
 * @param path the file
 */
record LocalWeights(Path path) implements AutoCloseable {
  private static final String PREFIX = "simmim-model";
  private static final String SUFFIX = ".safetensors";

  /** A temporary file with the parameters of a state. */
  static LocalWeights write(StateReader state, Map<String, String> metadata) throws IOException {
    Path file = Files.createTempFile(PREFIX, SUFFIX);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      SafetensorsWriter.writeParameters(state, metadata, out);
      return new LocalWeights(file);
    } catch (IOException | RuntimeException e) {
      Files.delete(file);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    Files.delete(path);
  }
}
