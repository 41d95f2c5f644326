package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Makes a run of MLflow in its experiment, or finds the one that was made. */
final class RunBeginning {
  /** MLflow's limit. */
  static final int MOST_PARAMS = 100;

  /** Servers before 2.8 take no longer ones. */
  static final int LONGEST_PARAM = 500;

  private static final int LONGEST_TAG = 5000;
  private static final int LONGEST_KEY = 250;
  private static final String KEY_TAG = "simmim.key";

  /** It is shown to people, is a part of an address, and is written into the output. */
  private static final Pattern ID = Pattern.compile("[!-~]{1,256}");

  private final MlflowTarget target;
  private final MlflowServer server;
  private String experimentId = "";

  RunBeginning(MlflowTarget target, MlflowServer server) {
    this.target = target;
    this.server = server;
  }

  /**
   * Does what is left to do: each step of it is noted in the output.
   *
   * @param lines of the run
   * @return what the server was told so far
   */
  ToldSoFar open(UntoldLines lines) throws IOException, InterruptedException {
    Optional<ToldSoFar> before = MlflowRun.toldBefore(target);
    ToldSoFar told = before.orElseGet(() -> ToldSoFar.nothing(target));
    if (before.isEmpty()) {
      told.write(target.output());
    }
    Set<String> described = Set.of();
    if (told.run().isEmpty()) {
      Optional<String> made = before.isPresent() ? made(told.key()) : Optional.empty();
      String run = made.isPresent() ? made.get() : make(told.key(), lines);
      told = told.withRun(run, MlflowRun.Status.RUNNING.name());
      told.write(target.output());
    } else {
      goOn(told);
      told = told.withRun(told.run(), MlflowRun.Status.RUNNING.name());
      described = told.described() ? described : params(told.run());
    }
    if (!told.described()) {
      for (ObjectNode body : descriptions(told.run(), described)) {
        server.post("runs/log-batch", body);
      }
      told = told.withDescription();
      told.write(target.output());
    }
    return told;
  }

  private void goOn(ToldSoFar told) throws IOException, InterruptedException {
    ObjectNode body = MlflowServer.JSON.createObjectNode();
    body.put("run_id", told.run());
    body.put("status", MlflowRun.Status.RUNNING.name());
    try {
      JsonNode answer = server.post("runs/update", body);
      experimentId = idIn(answer, "/run_info/experiment_id").orElse("");
    } catch (MlflowRefusal refusal) {
      if (refusal.is(MlflowRefusal.MISSING)) {
        throw new MlflowRefusal(
            "it has no run %s any more (without mlflow.json in the output another one is begun)"
                .formatted(told.run()));
      }
      throw refusal;
    }
  }

  /** A run whose creation was asked for while nobody heard the answer. */
  private Optional<String> made(String key) throws IOException, InterruptedException {
    ObjectNode body = MlflowServer.JSON.createObjectNode();
    body.putArray("experiment_ids").add(experiment());
    body.put("filter", "tags.`%s` = '%s'".formatted(KEY_TAG, key));
    body.put("max_results", 1);
    return idIn(server.post("runs/search", body), "/runs/0/info/run_id");
  }

  private String make(String key, UntoldLines lines) throws IOException, InterruptedException {
    ObjectNode body = MlflowServer.JSON.createObjectNode();
    body.put("experiment_id", experiment());
    body.put("run_name", target.name());
    body.put("start_time", lines.firstMillis().orElse(System.currentTimeMillis()));
    ArrayNode tags = body.putArray("tags");
    Map<String, String> all = new TreeMap<>(target.tags());
    all.put(KEY_TAG, key);
    all.forEach((name, value) -> add(tags, name, value, LONGEST_TAG));
    return id(server.post("runs/create", body), "run", "/run/info/run_id");
  }

  private static Optional<String> idIn(JsonNode answer, String place) {
    return Optional.of(answer.at(place).asText()).filter(id -> ID.matcher(id).matches());
  }

  private static String id(JsonNode answer, String what, String place) throws IOException {
    return idIn(answer, place)
        .orElseThrow(
            () ->
                new IOException(
                    "it answers with no id of the %s (allowed: 1 to 256 printable characters of ASCII)"
                        .formatted(what)));
  }

  private String experiment() throws IOException, InterruptedException {
    if (experimentId.isEmpty()) {
      try {
        experimentId = experimentByName();
      } catch (MlflowRefusal refusal) {
        if (!refusal.is(MlflowRefusal.MISSING)) {
          throw refusal;
        }
        experimentId = newExperiment();
      }
    }
    return experimentId;
  }

  private String experimentByName() throws IOException, InterruptedException {
    JsonNode answer = server.get("experiments/get-by-name", "experiment_name", target.experiment());
    if (answer.at("/experiment/lifecycle_stage").asText().equals("deleted")) {
      throw new MlflowRefusal(
          "the experiment %s is deleted there (mlflow.experiment names another)"
              .formatted(target.experiment()));
    }
    return id(answer, "experiment", "/experiment/experiment_id");
  }

  private String newExperiment() throws IOException, InterruptedException {
    ObjectNode body = MlflowServer.JSON.createObjectNode().put("name", target.experiment());
    try {
      return id(server.post("experiments/create", body), "experiment", "/experiment_id");
    } catch (MlflowRefusal refusal) {
      if (!refusal.is(MlflowRefusal.EXISTS)) {
        throw refusal;
      }
      return experimentByName(); // another run was first
    }
  }

  /** What was told of the configuration already: that cannot be changed there. */
  private Set<String> params(String run) throws IOException, InterruptedException {
    Set<String> keys = new HashSet<>();
    for (JsonNode param : server.get("runs/get", "run_id", run).at("/run/data/params")) {
      keys.add(param.path("key").asText());
    }
    return keys;
  }

  /**
   * The configuration, in as many calls as it needs.
   *
   * @param told names that are left out
   */
  private List<ObjectNode> descriptions(String run, Set<String> told) {
    List<ObjectNode> bodies = new ArrayList<>();
    ArrayNode params = null;
    for (Map.Entry<String, String> param : new TreeMap<>(target.params()).entrySet()) {
      if (told.contains(name(param.getKey()))) {
        continue;
      }
      if (params == null || params.size() == MOST_PARAMS) {
        ObjectNode body = MlflowServer.JSON.createObjectNode().put("run_id", run);
        params = body.putArray("params");
        bodies.add(body);
      }
      add(params, param.getKey(), param.getValue(), LONGEST_PARAM);
    }
    return bodies;
  }

  private static void add(ArrayNode to, String key, String value, int longest) {
    to.addObject().put("key", name(key)).put("value", cut(value, longest));
  }

  private static String name(String key) {
    return cut(key.replaceAll("[^\\w./ -]", "_"), LONGEST_KEY);
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
    return text.substring(0, end) + "…";
  }

  /** Where people look at a run. */
  URI page(ToldSoFar told) {
    return experimentId.isEmpty()
        ? target.server()
        : URI.create(
            "%s/#/experiments/%s/runs/%s"
                .formatted(target.server(), encoded(experimentId), encoded(told.run())));
  }

  private static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8);
  }
}
