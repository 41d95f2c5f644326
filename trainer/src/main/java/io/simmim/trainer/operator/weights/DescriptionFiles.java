package io.simmim.trainer.operator.weights;

import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.interop.layout.ForeignText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The files beside weights that say what they are, of which no more is read than these may have.
 */
public final class DescriptionFiles {
  /** With the names of many classes. */
  private static final int LONGEST_CONFIG = 1 << 25;

  private static final int LONGEST_PREPROCESSOR = 1 << 20;

  private DescriptionFiles() {}

  /**
   * Reads them.
   *
   * @param folder on any Flink file system
   * @return nothing if there is no {@code config.json}
   */
  public static Optional<ForeignText> in(Path folder) throws IOException {
    Optional<String> config = text(new Path(folder, ModelPaths.CONFIG), LONGEST_CONFIG);
    return config.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ForeignText(
                config.get(),
                text(new Path(folder, ForeignText.PREPROCESSOR), LONGEST_PREPROCESSOR)));
  }

  private static Optional<String> text(Path file, int longest) throws IOException {
    FileSystem files = file.getFileSystem();
    try {
      files.getFileStatus(file); // where opening alone does not ask for the object
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    try (InputStream in = files.open(file)) {
      return Optional.of(new String(in.readNBytes(longest), StandardCharsets.UTF_8));
    }
  }
}
