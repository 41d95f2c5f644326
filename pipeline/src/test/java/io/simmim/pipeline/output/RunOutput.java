package io.simmim.pipeline.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.tensorboard.EventLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The output of a run.
 *
 * @param path its folder
 */
public record RunOutput(Path path) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What must not depend on how often and where the run was interrupted. */
  private static final List<String> EXACT =
      List.of("step", "epoch", "images_seen", "images", "loss", "learning_rate", "gradient_norm");

  /** The exported weights. */
  public Path model() {
    return path.resolve("model/model.safetensors");
  }

  public List<JsonNode> metrics() throws IOException {
    return lines("metrics.jsonl");
  }

  /** The numbers of the checkpoints that the output tells of. */
  public List<Long> checkpoints() throws IOException {
    return lines("checkpoints.jsonl").stream()
        .filter(line -> !line.path("kind").asText().equals("restart"))
        .map(line -> line.path("checkpoint").asLong())
        .toList();
  }

  /** Complete steps in the last checkpoint that the output tells of; 0 when there is none. */
  public long lastCheckpointStep() throws IOException {
    List<JsonNode> lines = lines("checkpoints.jsonl");
    return lines.isEmpty() ? 0 : lines.get(lines.size() - 1).required("step").asLong();
  }

  /** The lines of the restarts that the output tells of. */
  public List<JsonNode> restarts() throws IOException {
    return lines("checkpoints.jsonl").stream()
        .filter(line -> line.path("kind").asText().equals("restart"))
        .toList();
  }

  public List<JsonNode> evaluations() throws IOException {
    return lines("evaluation.jsonl");
  }

  /** The steps that metrics tell of; empty when there are none yet. */
  public long lastStep() throws IOException {
    List<JsonNode> metrics = metrics();
    return metrics.isEmpty() ? 0 : metrics.get(metrics.size() - 1).path("step").asLong();
  }

  /** Name and reason of every rejected image, in the order of names. */
  public List<String> rejected() throws IOException {
    return lines("rejected.jsonl").stream()
        .map(line -> fileName(line.path("uri").asText()) + ": " + line.path("reason").asText())
        .sorted()
        .toList();
  }

  /** Asserts that the metrics tell of one step or more, and of each once. */
  public void assertEachStepOnce() throws IOException {
    List<Long> steps = metrics().stream().map(line -> line.path("step").asLong()).toList();
    assertThat(steps)
        .isNotEmpty()
        .containsExactlyElementsOf(LongStream.rangeClosed(1, steps.size()).boxed().toList());
  }

  /** Asserts that the two runs cannot be told apart by their results. */
  public void assertSameAs(RunOutput undisturbed) throws IOException {
    assertThat(metrics().stream().map(line -> line.path("step").asLong()))
        .as("steps in metrics.jsonl")
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, undisturbed.lastStep()).boxed().toList());
    assertThat(checkpoints()).as("checkpoints, each once").isSorted().doesNotHaveDuplicates();
    assertThat(lastCheckpointStep()).as("step of the last checkpoint").isEqualTo(lastStep());
    assertThat(EventLog.read(path.resolve("runs")).scalars("train/loss"))
        .as("losses in event files")
        .isEqualTo(losses());
    assertThat(exact()).as("metrics").isEqualTo(undisturbed.exact());
    assertThat(rejected()).as("rejected images").isEqualTo(undisturbed.rejected());
    assertThat(model()).as("exported weights").hasSameBinaryContentAs(undisturbed.model());
  }

  private List<String> exact() throws IOException {
    return metrics().stream()
        .map(line -> EXACT.stream().map(key -> key + "=" + line.required(key)).toList().toString())
        .toList();
  }

  /** As event files have them: of each step a list of one. */
  private Map<Long, List<Float>> losses() throws IOException {
    Map<Long, List<Float>> losses = new TreeMap<>();
    for (JsonNode line : metrics()) {
      losses.put(line.path("step").asLong(), List.of((float) line.path("loss").asDouble()));
    }
    return losses;
  }

  private List<JsonNode> lines(String name) throws IOException {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      return List.of();
    }
    List<JsonNode> parsed = new ArrayList<>();
    for (Path part : parts(file)) {
      wholeLines(part).map(RunOutput::parse).forEach(parsed::add);
    }
    return parsed;
  }

  /** What has no end yet is being written. */
  private static Stream<String> wholeLines(Path file) throws IOException {
    String content = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return content.substring(0, content.lastIndexOf('\n') + 1).lines();
  }

  /** Object stores have a folder of numbered files instead. */
  private static List<Path> parts(Path file) throws IOException {
    if (!Files.isDirectory(file)) {
      return List.of(file);
    }
    try (Stream<Path> parts = Files.list(file)) {
      return parts.sorted().toList();
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError("not a line of JSON: " + line, e);
    }
  }

  private static String fileName(String uri) {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }
}
