package io.simmim.pipeline.rescale;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.http.BoundedHttp;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** The training runs on a Flink cluster, by the REST interface of its JobManager. Thread-safe. */
public final class RunningJobs {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Several thousand jobs, or the plan of a job with as many vertices. */
  private static final int LONGEST_ANSWER = 16 << 20;

  /** Before the output in the name of a job; embed's jobs have a word more. */
  private static final String RUN = "simmim ";

  private static final String EMBEDS = "simmim embed ";

  private final BoundedHttp http = new BoundedHttp(LIMIT, LIMIT, LONGEST_ANSWER);
  private final ObjectMapper json = new ObjectMapper();
  private final URI rest;

  /**
   * @param address {@code HOST:PORT}, or a URL, with a path where an ingress gives it one
   * @throws UserError if it is neither
   */
  public RunningJobs(String address) {
    try {
      String url = address.contains("://") ? address : "http://" + address;
      rest = URI.create(url.replaceFirst("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw notAnAddress(address);
    }
    if (rest.getHost() == null || !List.of("http", "https").contains(rest.getScheme())) {
      throw notAnAddress(address);
    }
  }

  private static UserError notAnAddress(String address) {
    return new UserError(
        "--rest must be HOST:PORT, or http://HOST:PORT, of a JobManager: " + address);
  }

  /**
   * A job.
   *
   * @param id as Flink calls it
   * @param name {@code simmim OUTPUT}
   * @param start milliseconds since 1970 of its submission
   */
  public record Job(String id, String name, long start) {
    /** Of its run. */
    String output() {
      return name.substring(RUN.length());
    }
  }

  /** What is known of the job that is looked for. */
  public sealed interface Found {
    /** It runs. */
    record Running(Job job) implements Found {}

    /** It has trained to its end. */
    record Finished(Job job) implements Found {}

    /**
     * It was stopped with a savepoint, and waits to be continued from it.
     *
     * @param savepoint where that is
     */
    record Stopped(Job job, String savepoint) implements Found {}

    /** It does not run at the moment, as while it is restarted. */
    record Missing() implements Found {}
  }

  /**
   * The newest job of a run.
   *
   * @param output of the run; empty = the only one that runs
   * @throws UserError if several run and it is not said which
   */
  public Found find(Optional<String> output) throws IOException, InterruptedException {
    Optional<String> wanted =
        output.isEmpty() ? Optional.empty() : Optional.of(RUN + asARunWritesIt(output.get()));
    List<Job> running = new ArrayList<>();
    Optional<Job> finished = Optional.empty();
    for (JsonNode node : get("/jobs/overview").path("jobs")) {
      Job job =
          new Job(
              node.path("jid").asText(),
              node.path("name").asText(),
              node.path("start-time").asLong());
      if (!job.name().startsWith(RUN)
          || job.name().startsWith(EMBEDS)
          || wanted.filter(name -> !job.name().equals(name)).isPresent()) {
        continue;
      }
      String state = node.path("state").asText();
      if (state.equals("RUNNING")) {
        running.add(job);
      } else if (state.equals("FINISHED") && output.isPresent()) {
        finished = finished.filter(other -> other.start() > job.start()).or(() -> Optional.of(job));
      }
    }
    if (running.size() > 1) {
      throw new UserError(
          "several runs are on this cluster, say which with --output: "
              + String.join(", ", running.stream().map(Job::name).toList()));
    }
    if (running.size() == 1) {
      return new Found.Running(running.get(0));
    }
    return finished.isPresent() ? end(finished.get()) : new Found.Missing();
  }

  private static String asARunWritesIt(String output) throws IOException {
    Path path;
    try {
      path = StorageUri.path("--output", output);
    } catch (IllegalArgumentException e) {
      throw new UserError("--output cannot be a URI: " + output, e);
    }
    String scheme = path.toUri().getScheme();
    boolean local = scheme == null || ObjectStore.isLocal(scheme);
    return local
        ? RunFolder.readable(path.makeQualified(FileSystem.getLocalFileSystem()))
        : path.toString();
  }

  /**
   * How a job has ended that Flink calls finished. One that was stopped with a savepoint is called
   * so too, and then nothing is completed after that savepoint; a job that came to its end
   * completes a checkpoint there.
   */
  private Found end(Job job) throws IOException, InterruptedException {
    JsonNode latest = get("/jobs/" + job.id() + "/checkpoints").path("latest");
    JsonNode savepoint = latest.path("savepoint");
    boolean stopped =
        savepoint.path("checkpoint_type").asText().equals("SYNC_SAVEPOINT")
            && savepoint.path("id").asLong() > latest.path("completed").path("id").asLong(-1);
    return stopped
        ? new Found.Stopped(job, savepoint.path("external_path").asText())
        : new Found.Finished(job);
  }

  /** What a job does now, or nothing while that is not known yet, as after a restart. */
  Optional<JobLoad> load(Job job) throws IOException, InterruptedException {
    Optional<JsonNode> decoders = Optional.empty();
    Optional<JsonNode> trainer = Optional.empty();
    for (JsonNode vertex : get("/jobs/" + job.id()).path("vertices")) {
      // A cluster may number them: pipeline.vertex-name-include-index-prefix.
      String name = vertex.path("name").asText().replaceFirst("^\\[vertex-\\d+\\]", "");
      if (name.contains("decode")) {
        decoders = Optional.of(vertex);
      } else if (name.startsWith("trainer")) {
        trainer = Optional.of(vertex);
      }
    }
    if (decoders.isEmpty() || trainer.isEmpty()) {
      throw new UserError("the job has no decoders or no trainer: " + job.name());
    }
    OptionalDouble busy = metric(job, decoders.get(), "busyTimeMsPerSecond");
    OptionalDouble wait = metric(job, trainer.get(), "trainer.dataWaitShare");
    OptionalDouble step = metric(job, trainer.get(), "trainer.step");
    if (busy.isEmpty() || wait.isEmpty() || step.isEmpty() || step.getAsDouble() == 0) {
      return Optional.empty(); // before its first step a trainer has waited for nothing yet
    }
    return Optional.of(
        new JobLoad(
            decoders.get().path("parallelism").asInt(),
            share(busy.getAsDouble() / 1000),
            share(wait.getAsDouble())));
  }

  /** The mean of a metric over the subtasks of a vertex. */
  private OptionalDouble metric(Job job, JsonNode vertex, String name)
      throws IOException, InterruptedException {
    JsonNode value =
        get("/jobs/%s/vertices/%s/subtasks/metrics?get=%s&agg=avg"
                .formatted(job.id(), vertex.path("id").asText(), name))
            .path(0)
            .path("avg");
    double number = value.asDouble(Double.NaN);
    return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  private static double share(double value) {
    return Math.max(0, Math.min(1, value));
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    URI address = URI.create(rest + path);
    HttpResponse<byte[]> answer;
    try {
      answer = http.send(HttpRequest.newBuilder(address).GET().build());
    } catch (IOException e) {
      throw new IOException(
          "%s: %s".formatted(rest, e.getMessage() == null ? "no connection" : e.getMessage()), e);
    }
    if (answer.statusCode() != 200) {
      throw new IOException(
          String.format(Locale.ROOT, "%s answers %d", address, answer.statusCode()));
    }
    if (answer.body().length == LONGEST_ANSWER) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s answers %d bytes or more, which no JobManager does",
              address,
              LONGEST_ANSWER));
    }
    try {
      return json.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new IOException(address + " answers as no JobManager does", e);
    }
  }
}
