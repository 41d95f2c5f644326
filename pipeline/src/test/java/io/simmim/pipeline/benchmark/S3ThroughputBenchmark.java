package io.simmim.pipeline.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole jobs on the same photographs as local files and as objects on S3, 20 ms away and refusing
 * one request in twenty, in turn. The command is in {@code docs/benchmarks.md}; without the
 * property it does nothing. Objects are remembered by the proxy in front of the server, which is in
 * this JVM: what it takes of the cores that the job runs on is told.
 */
class S3ThroughputBenchmark {
  private static final String PHOTOS = System.getProperty("simmim.benchmark.photos");
  private static final List<String> OPTIONS =
      List.of(System.getProperty("simmim.benchmark.options", "--preset vit-tiny").split(" "));
  private static final int REPETITIONS = Integer.getInteger("simmim.benchmark.repetitions", 2);

  @TempDir private Path work;

  /** What one job did in the second half of its steps; the first half warms up. */
  private record Outcome(double imagesPerSecond, double jobMillis, double proxyMillis) {
    @Override
    public String toString() {
      return "%.1f img/s, per image %.2f ms of processor time and %.2f ms of the proxy's"
          .formatted(imagesPerSecond, jobMillis, proxyMillis);
    }
  }

  @Test
  void localFilesAndObjectsInTurn() throws Exception {
    assumeTrue(PHOTOS != null, "a folder of photographs is given");
    String images = "s3://" + S3Server.BUCKET + "/images";
    try (S3Server server = S3Server.start(work.resolve("server"));
        DistantS3 distant =
            DistantS3.start(server, new DistantS3.Behavior(Duration.ofMillis(20), 0.05, 0, true))) {
      S3Files.connect(server);
      S3Files.upload(Path.of(PHOTOS), images);
      List<Outcome> local = new ArrayList<>();
      List<Outcome> s3 = new ArrayList<>();
      for (int i = 0; i < REPETITIONS; i++) {
        local.add(run(Path.of(PHOTOS).toString(), "local-" + i, distant));
        s3.add(run(images, "s3-" + i, distant));
        System.out.printf("local: %s%ns3:    %s%n", local.get(i), s3.get(i));
      }
      System.out.printf(
          "s3 / local (medians): images per second %.3f; processor time of local / s3 %.3f%n",
          median(s3, Outcome::imagesPerSecond) / median(local, Outcome::imagesPerSecond),
          median(local, Outcome::jobMillis) / median(s3, Outcome::jobMillis));
    }
  }

  private Outcome run(String input, String name, DistantS3 distant) throws Exception {
    RunOutput output = new RunOutput(work.resolve(name));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                input,
                "--output",
                output.path().toString(),
                "--set",
                "flink.s3.endpoint=" + distant.endpoint(),
                "--set",
                "flink.s3.path.style.access=true"));
    arguments.addAll(OPTIONS);
    CommandLine simmim =
        new CommandLine(
            "s3-benchmark",
            Map.of(
                "AWS_ACCESS_KEY_ID",
                S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                S3Server.SECRET_KEY));
    NavigableMap<Instant, Long> job = new TreeMap<>();
    NavigableMap<Instant, Long> proxy = new TreeMap<>();
    try (ChildProcess process = simmim.start(arguments)) {
      Awaitility.await()
          .forever()
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                Instant now = Instant.now();
                Duration used = process.processorTime();
                if (!used.isZero()) {
                  job.put(now, used.toMillis());
                  proxy.put(
                      now, ProcessHandle.current().info().totalCpuDuration().get().toMillis());
                }
                return !process.isAlive();
              });
      process.await(Duration.ofMinutes(1)).orFail();
    }
    List<JsonNode> metrics = output.metrics();
    JsonNode begin = metrics.get(metrics.size() / 2);
    JsonNode end = metrics.get(metrics.size() - 1);
    long images = end.path("images_seen").asLong() - begin.path("images_seen").asLong();
    assertThat(images).isPositive();
    Instant from = Instant.parse(begin.path("time").asText());
    Instant to = Instant.parse(end.path("time").asText());
    return new Outcome(
        images * 1e3 / Duration.between(from, to).toMillis(),
        (at(job, to) - at(job, from)) / images,
        (at(proxy, to) - at(proxy, from)) / images);
  }

  /** Between two readings time is taken to pass evenly. */
  private static double at(NavigableMap<Instant, Long> readings, Instant time) {
    Map.Entry<Instant, Long> before = readings.floorEntry(time);
    Map.Entry<Instant, Long> after = readings.higherEntry(time);
    if (after == null) {
      return before.getValue();
    }
    double share =
        (double) Duration.between(before.getKey(), time).toNanos()
            / Duration.between(before.getKey(), after.getKey()).toNanos();
    return before.getValue() + share * (after.getValue() - before.getValue());
  }

  private static double median(List<Outcome> outcomes, ToDoubleFunction<Outcome> figure) {
    double[] sorted = outcomes.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
