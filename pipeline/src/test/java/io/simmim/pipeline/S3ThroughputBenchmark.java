package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole jobs on the same photographs as local files and as objects on S3, 20 ms away, in turn. The
 * command is in {@code docs/benchmarks.md}; without the property it does nothing. Objects are
 * remembered by the proxy in front of the server, whose work would otherwise be taken from the
 * job's cores.
 */
class S3ThroughputBenchmark {
  private static final String PHOTOS = System.getProperty("simmim.benchmark.photos");
  private static final List<String> OPTIONS =
      List.of(System.getProperty("simmim.benchmark.options", "--preset vit-tiny").split(" "));
  private static final int REPETITIONS = Integer.getInteger("simmim.benchmark.repetitions", 2);

  @TempDir private Path work;

  @Test
  void localFilesAndObjectsInTurn() throws Exception {
    assumeTrue(PHOTOS != null, "a folder of photographs is given");
    String images = "s3://" + S3Server.BUCKET + "/images";
    try (S3Server server = S3Server.start(work.resolve("server"));
        DistantS3 distant =
            DistantS3.start(server, new DistantS3.Behavior(Duration.ofMillis(20), 0, 0, true))) {
      S3Files.connect(server);
      S3Files.upload(Path.of(PHOTOS), images);
      List<Double> local = new ArrayList<>();
      List<Double> s3 = new ArrayList<>();
      for (int i = 0; i < REPETITIONS; i++) {
        local.add(run(Path.of(PHOTOS).toString(), "local-" + i, distant));
        s3.add(run(images, "s3-" + i, distant));
      }
      System.out.printf(
          "local %s img/s, s3 %s img/s, ratio of the medians %.3f, %d requests%n",
          local, s3, median(s3) / median(local), distant.requests());
    }
  }

  /** Images per second of the second half of the steps; the first warms up. */
  private double run(String input, String name, DistantS3 distant) throws Exception {
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
    simmim.run(arguments).orFail();
    List<JsonNode> metrics = output.metrics();
    JsonNode begin = metrics.get(metrics.size() / 2);
    JsonNode end = metrics.get(metrics.size() - 1);
    assertThat(end.path("images_seen").asLong()).isGreaterThan(begin.path("images_seen").asLong());
    Instant from = Instant.parse(begin.path("time").asText());
    double seconds =
        Duration.between(from, Instant.parse(end.path("time").asText())).toMillis() / 1e3;
    double rate = (end.path("images_seen").asLong() - begin.path("images_seen").asLong()) / seconds;
    return Math.round(10 * rate) / 10.0;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
