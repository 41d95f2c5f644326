package io.simmim.pipeline.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.GetExperimentByName;
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
import org.mlflow_project.google.protobuf.InvalidProtocolBufferException;
import org.mlflow_project.google.protobuf.Message;
import org.mlflow_project.google.protobuf.util.JsonFormat;

/**
 * A tracking server in this process: it reads requests by MLflow's own messages, refuses fields
 * that these do not have, holds to the limits of MLflow, and answers as MLflow 2.9.2 was seen to.
 * Unlike a database it keeps what is told twice, as MLflow's store of files does.
 */
public final class TrackingServer implements AutoCloseable {
  private static final int MOST_AT_ONCE = 1000;
  private static final int MOST_OF_A_KIND = 100;
  private static final int LONGEST_KEY = 250;
  private static final int LONGEST_PARAM = 500;
  private static final int LONGEST_TAG = 5000;
  private static final int LARGEST_REQUEST = 1_000_000;
  private static final String FILTER = "tags.`simmim.key` = '";

  /** A run as it is stored. */
  public static final class StoredRun {
    private final String experiment;
    private final long start;
    private final Map<String, String> params = new LinkedHashMap<>();
    private final Map<String, String> tags = new LinkedHashMap<>();
    private final List<Metric> metrics = new ArrayList<>();
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

  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

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
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private int port;
  private int status;
  private String unheard = "";

  /** One on a free port. */
  public static TrackingServer start() throws IOException {
    TrackingServer server = new TrackingServer();
    server.comeBack();
    return server;
  }

  /** Serves again, on the port that it had. */
  public synchronized void comeBack() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    port = server.getAddress().getPort();
    server.createContext("/", this::handle);
    server.start();
  }

  /** Takes no connections until it comes back. */
  public void goAway() {
    server.stop(0);
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Answers everything with a status; 0 = as it should. */
  synchronized void failWith(int newStatus) {
    status = newStatus;
  }

  /** Does the next such call, and drops the connection instead of answering. */
  synchronized void beUnheard(String call) {
    unheard = call;
  }

  synchronized void deleteRuns() {
    runs.values().forEach(run -> run.deleted = true);
  }

  synchronized void loseRuns() {
    runs.clear();
  }

  public synchronized List<StoredRun> runs() {
    return List.copyOf(runs.values());
  }

  synchronized List<String> experiments() {
    return List.copyOf(experiments.keySet());
  }

  /** What was asked for, in order. */
  List<String> calls() {
    return calls;
  }

  /** What came as {@code Authorization}, empty for none. */
  List<String> authorizations() {
    return authorizations;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      authorizations.add(authorization == null ? "" : authorization);
      String path = exchange.getRequestURI().getPath();
      String call = path.replaceFirst("^/api/2\\.0/mlflow/", "");
      calls.add(call);
      answer(exchange, call, body);
    }
  }

  private synchronized void answer(HttpExchange exchange, String call, byte[] body)
      throws IOException {
    if (status != 0) {
      answer(exchange, status, "<html>not what was asked for</html>");
      return;
    }
    try {
      String answer = answerTo(exchange, call, body);
      if (call.equals(unheard)) {
        unheard = "";
      } else {
        answer(exchange, 200, answer);
      }
    } catch (Refused e) {
      answer(
          exchange,
          e.status,
          MlflowServer.JSON
              .createObjectNode()
              .put("error_code", e.code)
              .put("message", e.getMessage())
              .toString());
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String answerTo(HttpExchange exchange, String call, byte[] body) throws IOException {
    if (call.equals("experiments/get-by-name")) {
      return print(experiment(exchange.getRequestURI().getRawQuery()));
    }
    if (!"application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
      throw Refused.invalid("Content-Type must be application/json");
    }
    if (body.length > LARGEST_REQUEST) {
      throw Refused.invalid("Batched logging API requests must be at most 1000000 bytes");
    }
    String text = new String(body, StandardCharsets.UTF_8);
    return switch (call) {
      case "experiments/create" -> print(create(parsed(text, CreateExperiment.newBuilder())));
      case "runs/create" -> print(create(parsed(text, CreateRun.newBuilder())));
      case "runs/update" -> print(update(parsed(text, UpdateRun.newBuilder())));
      case "runs/search" -> print(search(parsed(text, SearchRuns.newBuilder())));
      case "runs/log-batch" -> print(log(parsed(text, LogBatch.newBuilder())));
      default -> throw new Refused(404, "ENDPOINT_NOT_FOUND", call);
    };
  }

  /** Refuses fields that the message does not have. */
  private static <B extends Message.Builder> B parsed(String json, B builder) throws Refused {
    try {
      JsonFormat.parser().merge(json, builder);
      return builder;
    } catch (InvalidProtocolBufferException e) {
      throw Refused.invalid(e.getMessage());
    }
  }

  private static String print(Message.Builder message) throws IOException {
    return JsonFormat.printer().preservingProtoFieldNames().print(message);
  }

  private GetExperimentByName.Response.Builder experiment(String query) throws Refused {
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

  private CreateExperiment.Response.Builder create(CreateExperiment.Builder request)
      throws Refused {
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

  private CreateRun.Response.Builder create(CreateRun.Builder request) throws Refused {
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

  private UpdateRun.Response.Builder update(UpdateRun.Builder request) throws Refused {
    active(request.getRunId()).status = request.getStatus();
    return UpdateRun.Response.newBuilder().setRunInfo(info(request.getRunId()));
  }

  private SearchRuns.Response.Builder search(SearchRuns.Builder request) throws Refused {
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

  private LogBatch.Response.Builder log(LogBatch.Builder request) throws Refused {
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

  @Override
  public void close() {
    goAway();
  }
}
