package io.simmim.trainer.export;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/**
 * Writes a model's two files into a folder. Each appears whole or not at all, the weights last, so
 * a folder with weights is complete. Their bytes depend on the weights and the configuration alone.
 */
public final class ModelWriter {
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /** Digest of the file that the training began with, if it began with one. */
  private static final String INITIAL = "init_from";

  private final LearnerConfig config;
  private final WeightsReference initial;

  /** Writes models that began with drawn parameters. */
  public ModelWriter(LearnerConfig config) {
    this(config, null);
  }

  /**
   * Writes models.
   *
   * @param initial what they began with; null = drawn parameters
   */
  public ModelWriter(LearnerConfig config, WeightsReference initial) {
    this.config = config;
    this.initial = initial;
  }

  /** Writes the parameters of a state. */
  public void write(Path folder, StateReader source) throws IOException {
    write(folder, source, Optional.empty());
  }

  /** The same with what the model was found to be worth. */
  void write(Path folder, StateReader source, Optional<EpochAccuracy> accuracy) throws IOException {
    byte[] json = configJson(accuracy);
    Map<String, FolderWriter.Content> contents = new LinkedHashMap<>();
    contents.put(ModelPaths.CONFIG, target -> target.write(json));
    contents.put(
        ModelPaths.WEIGHTS, target -> SafetensorsWriter.writeParameters(source, METADATA, target));
    FolderWriter.write(folder, contents);
  }

  private byte[] configJson(Optional<EpochAccuracy> accuracy) throws IOException {
    ObjectNode json = config.description();
    accuracy.ifPresent(measured -> NotedAccuracy.add(json, measured));
    if (initial != null) {
      json.put(INITIAL, initial.digest());
    }
    ObjectMapper mapper = new ObjectMapper();
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    return (mapper.writer(lines).writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
