package io.simmim.pipeline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;

/** The documents of the folder {@code k8s}. */
final class Manifests {
  static final Path FOLDER = Path.of("..", "k8s");
  static final YAMLMapper YAML = new YAMLMapper();

  /**
   * One document.
   *
   * @param file its path in the folder
   */
  record Manifest(String file, JsonNode tree) {
    String kind() {
      return tree.path("kind").asText();
    }
  }

  private Manifests() {}

  static List<Manifest> all() throws IOException {
    List<Manifest> manifests = new ArrayList<>();
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).sorted().toList()) {
        for (JsonNode tree : documents(Files.readString(file))) {
          manifests.add(new Manifest(FOLDER.relativize(file).toString(), tree));
        }
      }
    }
    return manifests;
  }

  static JsonNode of(String file) {
    try {
      return YAML.readTree(FOLDER.resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> documents(String text) throws IOException {
    return YAML.readerFor(JsonNode.class)
        .<JsonNode>readValues(new YAMLFactory().createParser(text))
        .readAll();
  }

  /** What Flink is told by a {@code FlinkDeployment}, as its TaskManagers are. */
  static Configuration taskManager(JsonNode deployment) {
    Configuration settings = new Configuration();
    deployment
        .at("/spec/flinkConfiguration")
        .properties()
        .forEach(entry -> settings.setString(entry.getKey(), entry.getValue().asText()));
    JsonNode resource = deployment.at("/spec/taskManager/resource");
    settings.set(
        TaskManagerOptions.TOTAL_PROCESS_MEMORY,
        MemorySize.parse(resource.path("memory").asText()));
    settings.set(TaskManagerOptions.CPU_CORES, resource.path("cpu").asDouble());
    return settings;
  }
}
