package io.simmim.pipeline.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.run.Decay;
import io.simmim.pipeline.sink.stored.LineFollower;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.flink.core.fs.Path;

/**
 * How far a run was when it wrote a model. A model that says neither its epochs nor its step may be
 * of any step, unless it is the trained one of a run that has taken all of them.
 *
 * @param epochs complete ones, of those that the run has; empty if it is not known
 * @param line of the metrics, of the model's last step; empty if it is not known
 */
record StepOfModel(Optional<String> epochs, JsonNode line) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String STEP = "step";

  /**
   * Looks into the output of a run.
   *
   * @param run its {@code run.json}
   * @param model folder in it
   * @param noted what the model says that it was found to be worth
   * @param configuration of the run, as it was written down
   */
  static StepOfModel of(
      Path output, JsonNode run, Path model, Optional<EpochAccuracy> noted, String configuration)
      throws IOException {
    String planned =
        run.has("catalog") ? run.path("identity").path("training.epochs").asText() : "";
    Path metrics = new Path(output, "metrics.jsonl");
    OptionalLong epochs = ModelPaths.epochsOf(model.getName());
    if (epochs.isPresent()) {
      long last = epochs.getAsLong() - 1;
      Found found = lastLine(metrics, line -> line.path("epoch").asLong() <= last);
      // Else the run may have gone back, and be within the epoch for the second time.
      boolean whole = found.another || isLast(found.line, end(run, configuration));
      return new StepOfModel(
          part(epochs.getAsLong(), planned), whole ? found.line : MAPPER.createObjectNode());
    }
    if (noted.isPresent()) {
      OptionalLong step = OptionalLong.of(noted.get().step());
      Found found = lastLine(metrics, line -> line.path(STEP).asLong() <= step.getAsLong());
      return new StepOfModel(
          part(noted.get().epoch() + 1L, planned),
          isLast(found.line, step) ? found.line : MAPPER.createObjectNode());
    }
    if (model.equals(new Path(ModelPaths.trained(output.toString())))) {
      Found found = lastLine(metrics, any -> true);
      if (isLast(found.line, end(run, configuration))) {
        return new StepOfModel(Optional.of(planned).filter(it -> !it.isEmpty()), found.line);
      }
    }
    return unknown();
  }

  /** That of a model of which nothing tells. */
  static StepOfModel unknown() {
    return new StepOfModel(Optional.empty(), MAPPER.createObjectNode());
  }

  private static boolean isLast(JsonNode line, OptionalLong step) {
    return step.isPresent() && line.path(STEP).asLong() == step.getAsLong();
  }

  private static Optional<String> part(long epochs, String planned) {
    return Optional.of(planned.isEmpty() ? Long.toString(epochs) : epochs + " of " + planned);
  }

  /** The step that ends the run, if that is decided and its configuration can be read. */
  private static OptionalLong end(JsonNode run, String configuration) {
    long images = run.path("catalog").path("size").asLong();
    try {
      if (run.path("decay").isObject()) {
        return OptionalLong.of(Decay.read(run.path("decay")).end());
      }
      if (images == 0 || configuration.isEmpty()) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(
          new ConfigLoader()
              .text(configuration, "config.resolved.yaml")
              .load()
              .config()
              .plan(images)
              .totalSteps());
    } catch (UserError | IllegalArgumentException e) {
      return OptionalLong.empty(); // of a later build, or changed: a card says less then
    }
  }

  /**
   * A line of the metrics.
   *
   * @param line empty if there is none
   * @param another whether one comes behind it that is not wanted
   */
  private record Found(JsonNode line, boolean another) {}

  /** The last of the lines before the first that is not wanted. */
  private static Found lastLine(Path metrics, Predicate<JsonNode> wanted) throws IOException {
    JsonNode[] last = {MAPPER.createObjectNode()};
    boolean[] another = {false};
    new LineFollower(metrics)
        .forEach(
            text -> {
              JsonNode line = parsed(text);
              another[0] = line.isObject() && !wanted.test(line);
              if (line.isObject() && !another[0]) {
                last[0] = line;
              }
              return !another[0];
            });
    return new Found(last[0], another[0]);
  }

  private static JsonNode parsed(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      return MAPPER.nullNode(); // half a line that a process left when it died
    }
  }

  /** A value of the metrics. */
  Optional<String> last(String key) {
    JsonNode value = line.path(key);
    return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
  }
}
