package io.simmim.pipeline.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;

/** What the tests ask of a JobManager's REST interface. Thread-safe. */
public final class RestClient {
  private static final Duration REQUEST_LIMIT = Duration.ofMinutes(2);
  private static final Duration SAVEPOINT_LIMIT = Duration.ofMinutes(3);

  /** Seldom enough that the answers cost the cluster nothing to speak of. */
  private static final Duration POLL = Duration.ofMillis(200);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(REQUEST_LIMIT).build();
  private final ObjectMapper json = new ObjectMapper();
  private final URI base;

  RestClient(URI base) {
    this.base = base;
  }

  /** Number of TaskManagers that have registered. */
  public int taskManagers() throws IOException, InterruptedException {
    return call("GET", "/overview", "").path("taskmanagers").asInt();
  }

  /** State of a job as Flink calls it: {@code RUNNING}, {@code FINISHED}, {@code FAILED}, … */
  public String state(String job) throws IOException, InterruptedException {
    return call("GET", "/jobs/" + job, "").path("state").asText();
  }

  /** Id of the only job that runs. */
  public String runningJob() throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    for (JsonNode job : call("GET", "/jobs", "").path("jobs")) {
      if (job.path("status").asText().equals("RUNNING")) {
        ids.add(job.path("id").asText());
      }
    }
    assertThat(ids).hasSize(1);
    return ids.get(0);
  }

  /** How often the job was restarted. */
  public int restarts(String job) throws IOException, InterruptedException {
    JsonNode value = call("GET", "/jobs/" + job + "/metrics?get=numRestarts", "");
    return value.path(0).path("value").asInt();
  }

  /** Number of completed checkpoints and savepoints. */
  public int completedCheckpoints(String job) throws IOException, InterruptedException {
    return checkpoints(job).path("counts").path("completed").asInt();
  }

  /** How often the job was restored from a checkpoint or savepoint. */
  public int restored(String job) throws IOException, InterruptedException {
    return checkpoints(job).path("counts").path("restored").asInt();
  }

  /** The newest failure of the job with its causes, or an empty text. */
  public String failure(String job) throws IOException, InterruptedException {
    return call("GET", "/jobs/" + job + "/exceptions", "")
        .path("exceptionHistory")
        .path("entries")
        .path(0)
        .path("stacktrace")
        .asText();
  }

  /** Parallelism of the job's vertex whose name contains the text. */
  public int parallelism(String job, String vertexName) throws IOException, InterruptedException {
    return vertex(job, vertexName).path("parallelism").asInt();
  }

  /** Ids of the TaskManagers of the subtasks of the job's vertex whose name contains the text. */
  public Set<String> taskManagers(String job, String vertexName)
      throws IOException, InterruptedException {
    String id = vertex(job, vertexName).path("id").asText();
    Set<String> found = new TreeSet<>();
    for (JsonNode subtask : call("GET", "/jobs/" + job + "/vertices/" + id, "").path("subtasks")) {
      found.add(subtask.path("taskmanager-id").asText());
    }
    return found;
  }

  /**
   * A metric of the first subtask of the vertex whose name contains the text; 0 while it is
   * unknown.
   *
   * @param metric name with that of the operator, such as {@code trainer.step}
   */
  public double metric(String job, String vertexName, String metric)
      throws IOException, InterruptedException {
    String vertex = vertex(job, vertexName).path("id").asText();
    String path = "/jobs/%s/vertices/%s/metrics?get=0.%s".formatted(job, vertex, metric);
    return call("GET", path, "").path(0).path("value").asDouble();
  }

  private JsonNode vertex(String job, String name) throws IOException, InterruptedException {
    for (JsonNode vertex : call("GET", "/jobs/" + job, "").path("vertices")) {
      if (vertex.path("name").asText().contains(name)) {
        return vertex;
      }
    }
    throw new AssertionError("no vertex called " + name);
  }

  /** Host and port. */
  public String address() {
    return base.getAuthority();
  }

  /**
   * Takes a savepoint of a running job.
   *
   * @return where it is, or empty when the job ended before
   */
  public Optional<Path> savepoint(String job, Path folder)
      throws IOException, InterruptedException {
    String body =
        json.createObjectNode()
            .put("target-directory", folder.toUri().toString())
            .put("cancel-job", false)
            .toString();
    HttpResponse<String> answer = send("POST", "/jobs/" + job + "/savepoints", body);
    if (answer.statusCode() != 202) {
      return Optional.empty();
    }
    String path =
        "/jobs/%s/savepoints/%s"
            .formatted(job, json.readTree(answer.body()).path("request-id").asText());
    JsonNode done =
        Awaitility.await("savepoint")
            .atMost(SAVEPOINT_LIMIT)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(50))
            .until(
                () -> call("GET", path, ""),
                status -> status.path("status").path("id").asText().equals("COMPLETED"));
    JsonNode location = done.path("operation").path("location");
    return location.isTextual()
        ? Optional.of(Path.of(URI.create(location.asText()).getPath()))
        : Optional.empty();
  }

  /** Stops a job with a savepoint as {@code flink stop} does, and does not wait for it. */
  public void stop(String job, Path folder) throws IOException, InterruptedException {
    String body =
        json.createObjectNode()
            .put("targetDirectory", folder.toUri().toString())
            .put("drain", false)
            .toString();
    call("POST", "/jobs/" + job + "/stop", body);
  }

  /** Cancels a job and waits until it is gone. */
  public void cancel(String job) throws IOException, InterruptedException {
    send("PATCH", "/jobs/" + job + "?mode=cancel", "");
    awaitEnd(job, SAVEPOINT_LIMIT);
  }

  /** Waits until the job is in a final state, and returns it. */
  public String awaitEnd(String job, Duration limit) {
    return Awaitility.await("end of job " + job)
        .atMost(limit)
        .pollDelay(Duration.ZERO)
        .pollInterval(POLL)
        .until(
            () -> state(job),
            state ->
                state.equals("FINISHED") || state.equals("FAILED") || state.equals("CANCELED"));
  }

  JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer = send(method, path, body);
    if (answer.statusCode() >= 300) {
      throw new IOException(
          "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
    }
    return json.readTree(answer.body());
  }

  private JsonNode checkpoints(String job) throws IOException, InterruptedException {
    return call("GET", "/jobs/" + job + "/checkpoints", "");
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(REQUEST_LIMIT)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
