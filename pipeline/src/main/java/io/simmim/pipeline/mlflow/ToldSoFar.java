package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.sink.stored.LinePlace;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.schemas.text.JsonProblem;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.core.fs.Path;

/**
 * What a server was told of a run: the file {@code mlflow.json} of its output. It is there rather
 * than in checkpoints, since it must not go back with them.
 *
 * @param server address
 * @param experiment name
 * @param key by which the run is found again if nobody heard the answer to its creation
 * @param run MLflow's id of the run; empty before it is known
 * @param described whether the configuration was told
 * @param steps the last step whose metrics were told
 * @param place where the line of that step was; nothing if that is not known, as of earlier builds
 * @param validations the last step whose validation was told
 * @param evaluations the last step whose evaluation was told
 * @param status that the run has there; empty before it is known
 */
record ToldSoFar(
    String server,
    String experiment,
    String key,
    String run,
    boolean described,
    long steps,
    Optional<LinePlace> place,
    long validations,
    long evaluations,
    String status) {
  private static final int FORMAT_1 = 1;
  private static final int LONGEST_FILE = 1 << 16;
  private static final String FILE = "mlflow.json";

  /** A hint: builds that do not know it read from the beginning, as before. */
  private static final String PLACE = "steps-in-metrics";

  /** Nothing yet. */
  static ToldSoFar nothing(MlflowTarget target) {
    return new ToldSoFar(
        target.server().toString(),
        target.experiment(),
        UUID.randomUUID().toString(),
        "",
        false,
        0,
        Optional.empty(),
        0,
        0,
        "");
  }

  /** Whether it was this server and this experiment. */
  boolean isOf(MlflowTarget target) {
    return server.equals(target.server().toString()) && experiment.equals(target.experiment());
  }

  ToldSoFar withRun(String id, String newStatus) {
    return new ToldSoFar(
        server, experiment, key, id, described, steps, place, validations, evaluations, newStatus);
  }

  ToldSoFar withDescription() {
    return new ToldSoFar(
        server, experiment, key, run, true, steps, place, validations, evaluations, status);
  }

  ToldSoFar through(
      long newSteps, Optional<LinePlace> newPlace, long newValidations, long newEvaluations) {
    return new ToldSoFar(
        server,
        experiment,
        key,
        run,
        described,
        newSteps,
        newPlace,
        newValidations,
        newEvaluations,
        status);
  }

  /**
   * What the output says.
   *
   * @return nothing if no server was told anything
   */
  static Optional<ToldSoFar> read(String output) throws IOException {
    Path file = file(output);
    JsonNode node;
    try (InputStream in = file.getFileSystem().open(file)) {
      node = MlflowServer.JSON.readTree(in.readNBytes(LONGEST_FILE));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IOException("%s is damaged: %s".formatted(file, JsonProblem.of(e)), e);
    }
    int format = node.path("format").asInt();
    if (format != FORMAT_1) {
      throw new MlflowRefusal(
          "%s has format %d; this build reads format %d".formatted(file, format, FORMAT_1));
    }
    return Optional.of(
        new ToldSoFar(
            node.path("tracking-uri").asText(),
            node.path("experiment").asText(),
            node.path("key").asText(),
            node.path("run-id").asText(),
            node.path("described").asBoolean(),
            node.path("steps").asLong(),
            place(node.path(PLACE)),
            node.path("validations").asLong(),
            node.path("evaluations").asLong(),
            node.path("status").asText()));
  }

  private static Optional<LinePlace> place(JsonNode node) {
    long bytes = node.path("bytes").asLong(-1);
    return bytes < 0
        ? Optional.empty()
        : Optional.of(new LinePlace(node.path("file").asText(), bytes));
  }

  void write(String output) throws IOException {
    ObjectNode node = MlflowServer.JSON.createObjectNode();
    node.put("format", FORMAT_1);
    node.put("tracking-uri", server);
    node.put("experiment", experiment);
    node.put("key", key);
    node.put("run-id", run);
    node.put("described", described);
    node.put("steps", steps);
    place.ifPresent(
        known -> node.putObject(PLACE).put("file", known.file()).put("bytes", known.bytes()));
    node.put("validations", validations);
    node.put("evaluations", evaluations);
    node.put("status", status);
    WholeFile.write(
        file(output), MlflowServer.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
  }

  private static Path file(String output) {
    return new Path(new Path(output), FILE);
  }
}
