package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the dashboard shows and the alerts look at, in {@code k8s/monitoring}, is what a run exports
 * through Flink's reporter for Prometheus: names, labels and their values.
 */
@Timeout(600)
class MonitoringITCase {
  private static final Path MONITORING = Path.of("..", "k8s", "monitoring");
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Pattern PORT =
      Pattern.compile("Started PrometheusReporter HTTP server on port (\\d+)");

  /** A metric in a query, with its labels. */
  private static final Pattern SELECTOR = Pattern.compile("\\b(flink_\\w+)(?:\\{([^}]*)})?");

  private static final Pattern LABEL = Pattern.compile("(\\w+)(=~|=|!=|!~)\"([^\"]*)\"");

  @TempDir Path work;

  @Test
  void everyQueryFindsWhatARunExports() throws Exception {
    Workload workload = Workload.prepare(work, 1000);
    RunOutput output = new RunOutput(work.resolve("run"));
    Map<String, String> settings = reporter();
    settings.put("metrics.reporter.prom.port", "19249-19349"); // more than one here
    List<Sample> samples;
    try (StandaloneCluster cluster =
        StandaloneCluster.startWithJarInLib(work.resolve("cluster"), "monitoring", settings)) {
      String job = workload.submit(cluster, output, "-p", "2");
      Awaitility.await("a step and a checkpoint")
          .atMost(LIMIT)
          .until(() -> output.lastStep() > 0 && cluster.rest().completedCheckpoints(job) > 0);
      samples = new ArrayList<>(scrape("jobmanager.log"));
      samples.addAll(scrape("taskmanager-1.log"));
      rescale(cluster, workload, output);
    }
    Map<String, String> queries = queries();
    List<String> unknown = new ArrayList<>();
    queries.forEach(
        (place, query) ->
            SELECTOR
                .matcher(query)
                .results()
                .filter(
                    found ->
                        samples.stream()
                            .noneMatch(sample -> sample.matches(found.group(1), found.group(2))))
                .forEach(found -> unknown.add(place + ": " + found.group())));

    assertThat(samples).noneMatch(sample -> sample.name().contains("_split_"));
    assertThat(queries).hasSizeGreaterThan(20);
    assertThat(unknown).isEmpty();
  }

  /** One decoder less than there are is what is allowed, however busy this machine makes them. */
  private void rescale(StandaloneCluster cluster, Workload workload, RunOutput output)
      throws Exception {
    List<String> options = new ArrayList<>(List.of("--rest", cluster.rest().address()));
    options.addAll(List.of("--most", "1", "--every", "1", "--window", "3", "--once"));
    List<String> other = new ArrayList<>(options);
    other.addAll(List.of("--output", "/elsewhere"));
    CommandResult missing = InThisProcess.run(command("rescale", other));
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.errors()).contains("the run does not run: it is not among the jobs");

    options.addAll(List.of("--command", restart(cluster, workload, output)));
    CommandResult result = InThisProcess.run(command("rescale", options)).orFail();

    assertThat(result.output())
        .contains(
            "watching simmim " + output.path(),
            "2 decoders work ",
            ": out of bounds; 1 would be right",
            "the command ended with exit code 3; the job is watched on")
        .endsWith("restarted with 1\n");
    String smaller = cluster.rest().runningJob();
    assertThat(cluster.rest().parallelism(smaller, "decode")).isEqualTo(1);
    assertThat(cluster.rest().restored(smaller)).isEqualTo(1);
    cluster.rest().cancel(smaller);
  }

  private static List<String> command(String name, List<String> options) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(options);
    return command;
  }

  /** A script of a user: stops the job, fails, and submits it when it is called again. */
  private String restart(StandaloneCluster cluster, Workload workload, RunOutput output)
      throws IOException {
    List<String> run = new ArrayList<>(List.of("run", "-d", "-p", "$SIMMIM_PARALLELISM"));
    run.add(cluster.jobJar().toString());
    run.addAll(workload.pretrain(output));
    String savepoints = output.path().resolve("savepoints").toString();
    return "( if test -z \"$SIMMIM_SAVEPOINT\"; then "
        + cluster.shell("stop", "--savepointPath", savepoints, "$SIMMIM_JOB")
        + "; exit 3; fi; "
        + cluster.shell(run.toArray(String[]::new))
        + " ) >> "
        + work.resolve("restart.log")
        + " 2>&1";
  }

  /** What the manifest tells Flink about metrics. */
  private static Map<String, String> reporter() throws IOException {
    Map<String, String> settings = new TreeMap<>();
    new YAMLMapper()
        .readTree(MONITORING.resolveSibling("flinkdeployment.yaml").toFile())
        .at("/spec/flinkConfiguration")
        .properties()
        .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
    settings.keySet().removeIf(key -> !key.startsWith("metrics."));
    return settings;
  }

  private record Sample(String name, Map<String, String> labels) {
    static Sample parse(String line) {
      int brace = line.indexOf('{');
      Map<String, String> labels = new TreeMap<>();
      if (brace >= 0) {
        Matcher label = LABEL.matcher(line);
        while (label.find()) {
          labels.put(label.group(1), label.group(3));
        }
      }
      return new Sample(line.substring(0, brace < 0 ? line.indexOf(' ') : brace), labels);
    }

    boolean matches(String metric, String matchers) {
      if (!name.equals(metric)) {
        return false;
      }
      Matcher label = LABEL.matcher(matchers == null ? "" : matchers);
      while (label.find()) {
        String value = labels.get(label.group(1));
        boolean variable = label.group(3).startsWith("$");
        if (value == null || (!variable && !value.matches(label.group(3)))) {
          return false;
        }
      }
      return true;
    }
  }

  private static List<Sample> scrape(String log) throws IOException, InterruptedException {
    Matcher port = PORT.matcher(Files.readString(Path.of("target", "cluster", "monitoring", log)));
    assertThat(port.find()).as("port in " + log).isTrue();
    String text =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + "/metrics"))
                    .build(),
                BodyHandlers.ofString())
            .body();
    Files.writeString(Path.of("target", "cluster", "monitoring", log + ".metrics"), text);
    return text.lines().filter(line -> !line.startsWith("#")).map(Sample::parse).toList();
  }

  /** By what they are for: all {@code expr} of the alerts and of the dashboard. */
  private static Map<String, String> queries() throws IOException {
    Map<String, String> queries = new TreeMap<>();
    try (Stream<Path> files = Files.list(MONITORING)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".yaml") || name.endsWith(".json")) {
          ObjectMapper reader = name.endsWith(".json") ? new ObjectMapper() : new YAMLMapper();
          collect(reader.readTree(file.toFile()), name, queries);
        }
      }
    }
    return queries;
  }

  private static void collect(JsonNode node, String place, Map<String, String> queries) {
    if (node.path("expr").isTextual()) {
      queries.put(place, node.path("expr").textValue());
    }
    node.properties()
        .forEach(entry -> collect(entry.getValue(), place + "/" + entry.getKey(), queries));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      collect(node.get(i), place + "[" + i + "]", queries);
    }
  }
}
