package io.simmim.pipeline.mlflow;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.GetExperimentByName;
import org.mlflow.api.proto.Service.GetRun;
import org.mlflow.api.proto.Service.LogBatch;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunData;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.SearchRuns;
import org.mlflow.api.proto.Service.UpdateRun;

/**
 * Experiments and runs as MLflow 2.9.2 was seen to keep them, within the limits of its store.
 * Unlike its database this keeps what is told twice, as its store of files does. Not thread-safe.
 */
public final class TrackedRuns {
  private static final int MOST_AT_ONCE = 1000;
  private static final int MOST_OF_A_KIND = 100;
  private static final int LONGEST_KEY = 250;
  private static final int LONGEST_PARAM = 500;
  private static final int LONGEST_TAG = 5000;
  private static final String FILTER = "tags.`simmim.key` = '";

  /** A run as it is stored. */
  public static final class StoredRun {
    private final String experiment;
    private final long start;
    private final Map<String, String> params = new LinkedHashMap<>();
    private final Map<String, String> tags = new LinkedHashMap<>();

    /** Read by tests while the server takes more. */
    private final List<Metric> metrics = new CopyOnWriteArrayList<>();

    private String name;
    private RunStatus status = RunStatus.RUNNING;
    private boolean deleted;

    private StoredRun(String experiment, String name, long start) {
      this.experiment = experiment;
      this.name = name;
      this.start = start;
    }

    public String name() {
      return name;
    }

    public long start() {
      return start;
    }

    public String status() {
      return status.name();
    }

    public Map<String, String> params() {
      return params;
    }

    public Map<String, String> tags() {
      return tags;
    }

    /** All numbers under a key, in the order they came. */
    public List<Metric> history(String key) {
      return metrics.stream().filter(metric -> metric.getKey().equals(key)).toList();
    }

    public List<Long> steps(String key) {
      return history(key).stream().map(Metric::getStep).toList();
    }
  }

  /** What a server answers that does not do what it was asked. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    final int status;
    final String code;

    Refused(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }

    static Refused invalid(String message) {
      return new Refused(400, "INVALID_PARAMETER_VALUE", message);
    }

    static Refused missing(String message) {
      return new Refused(404, "RESOURCE_DOES_NOT_EXIST", message);
    }
  }

  private final Map<String, String> experiments = new LinkedHashMap<>();
  private final Map<String, StoredRun> runs = new LinkedHashMap<>();

  List<StoredRun> runs() {
    return List.copyOf(runs.values());
  }

  List<String> experiments() {
    return List.copyOf(experiments.keySet());
  }

  void deleteRuns() {
    runs.values().forEach(run -> run.deleted = true);
  }

  void loseRuns() {
    runs.clear();
  }

  GetExperimentByName.Response.Builder experiment(String query) throws Refused {
    String prefix = "experiment_name=";
    if (query == null || !query.startsWith(prefix)) {
      throw Refused.invalid("Missing value for required parameter 'experiment_name'");
    }
    String name = URLDecoder.decode(query.substring(prefix.length()), StandardCharsets.UTF_8);
    if (!experiments.containsKey(name)) {
      throw Refused.missing("Could not find experiment with name '%s'".formatted(name));
    }
    return GetExperimentByName.Response.newBuilder()
        .setExperiment(
            Experiment.newBuilder()
                .setName(name)
                .setExperimentId(experiments.get(name))
                .setLifecycleStage("active"));
  }

  CreateExperiment.Response.Builder create(CreateExperiment.Builder request) throws Refused {
    if (experiments.containsKey(request.getName())) {
      throw new Refused(
          400,
          "RESOURCE_ALREADY_EXISTS",
          "Experiment(name=%s) already exists.".formatted(request.getName()));
    }
    String id = Integer.toString(experiments.size() + 1);
    experiments.put(request.getName(), id);
    return CreateExperiment.Response.newBuilder().setExperimentId(id);
  }

  CreateRun.Response.Builder create(CreateRun.Builder request) throws Refused {
    if (!experiments.containsValue(request.getExperimentId())) {
      throw Refused.missing("No Experiment with id=%s exists".formatted(request.getExperimentId()));
    }
    StoredRun run =
        new StoredRun(request.getExperimentId(), request.getRunName(), request.getStartTime());
    for (RunTag tag : request.getTagsList()) {
      tag(run, tag);
    }
    String id = "%032x".formatted(runs.size() + 1);
    runs.put(id, run);
    return CreateRun.Response.newBuilder().setRun(Run.newBuilder().setInfo(info(id)));
  }

  GetRun.Response.Builder run(String query) throws Refused {
    String prefix = "run_id=";
    if (query == null || !query.startsWith(prefix)) {
      throw Refused.invalid("Missing value for required parameter 'run_id'");
    }
    String id = query.substring(prefix.length());
    RunData.Builder data = RunData.newBuilder();
    active(id)
        .params
        .forEach((key, value) -> data.addParams(Param.newBuilder().setKey(key).setValue(value)));
    return GetRun.Response.newBuilder().setRun(Run.newBuilder().setInfo(info(id)).setData(data));
  }

  UpdateRun.Response.Builder update(UpdateRun.Builder request) throws Refused {
    active(request.getRunId()).status = request.getStatus();
    return UpdateRun.Response.newBuilder().setRunInfo(info(request.getRunId()));
  }

  SearchRuns.Response.Builder search(SearchRuns.Builder request) throws Refused {
    String filter = request.getFilter();
    if (!filter.startsWith(FILTER) || !filter.endsWith("'")) {
      throw Refused.invalid("Invalid filter '%s'".formatted(filter));
    }
    String key = filter.substring(FILTER.length(), filter.length() - 1);
    SearchRuns.Response.Builder response = SearchRuns.Response.newBuilder();
    runs.forEach(
        (id, run) -> {
          if (request.getExperimentIdsList().contains(run.experiment)
              && key.equals(run.tags.get("simmim.key"))) {
            response.addRuns(Run.newBuilder().setInfo(info(id)).setData(RunData.newBuilder()));
          }
        });
    return response;
  }

  LogBatch.Response.Builder log(LogBatch.Builder request) throws Refused {
    StoredRun run = active(request.getRunId());
    requireAtMost("metrics", MOST_AT_ONCE, request.getMetricsCount());
    requireAtMost("params", MOST_OF_A_KIND, request.getParamsCount());
    requireAtMost("tags", MOST_OF_A_KIND, request.getTagsCount());
    requireAtMost(
        "metrics, params, and tags",
        MOST_AT_ONCE,
        request.getMetricsCount() + request.getParamsCount() + request.getTagsCount());
    for (Metric metric : request.getMetricsList()) {
      requireName(metric.getKey());
      if (!metric.hasValue() || !metric.hasTimestamp() || !metric.hasStep()) {
        throw Refused.invalid("Missing value for required parameter of " + metric.getKey());
      }
    }
    for (Param param : request.getParamsList()) {
      requireName(param.getKey());
      requireLength("Param value", LONGEST_PARAM, param.getValue());
      String before = run.params.get(param.getKey());
      if (before != null && !before.equals(param.getValue())) {
        throw Refused.invalid("Changing param values is not allowed: " + param.getKey());
      }
    }
    for (RunTag tag : request.getTagsList()) {
      tag(run, tag);
    }
    request.getParamsList().forEach(param -> run.params.put(param.getKey(), param.getValue()));
    run.metrics.addAll(request.getMetricsList());
    return LogBatch.Response.newBuilder();
  }

  private static void tag(StoredRun run, RunTag tag) throws Refused {
    requireName(tag.getKey());
    requireLength("Tag value", LONGEST_TAG, tag.getValue());
    if (tag.getKey().equals("mlflow.runName") && !tag.getValue().equals(run.name)) {
      throw Refused.invalid("Both 'run_name' argument and 'mlflow.runName' tag are specified");
    }
    run.tags.put(tag.getKey(), tag.getValue());
  }

  private StoredRun active(String id) throws Refused {
    StoredRun run = runs.get(id);
    if (run == null) {
      throw Refused.missing("Run with id=%s not found".formatted(id));
    }
    if (run.deleted) {
      throw Refused.invalid(
          "The run %s must be in the 'active' state. Current state is deleted.".formatted(id));
    }
    return run;
  }

  private RunInfo.Builder info(String id) {
    StoredRun run = runs.get(id);
    return RunInfo.newBuilder()
        .setRunId(id)
        .setRunUuid(id)
        .setRunName(run.name)
        .setExperimentId(run.experiment)
        .setStatus(run.status)
        .setStartTime(run.start)
        .setLifecycleStage(run.deleted ? "deleted" : "active");
  }

  private static void requireAtMost(String what, int most, int count) throws Refused {
    if (count > most) {
      throw Refused.invalid(
          "A batch logging request can contain at most %d %s. Got %d %s."
              .formatted(most, what, count, what));
    }
  }

  private static void requireName(String name) throws Refused {
    if (!name.matches("[/\\w.\\- ]+") || name.length() > LONGEST_KEY) {
      throw Refused.invalid("Invalid name: '%s'".formatted(name));
    }
  }

  private static void requireLength(String what, int longest, String value) throws Refused {
    if (value.length() > longest) {
      throw Refused.invalid(
          "%s had length %d, which exceeded length limit of %d"
              .formatted(what, value.length(), longest));
    }
  }
}
