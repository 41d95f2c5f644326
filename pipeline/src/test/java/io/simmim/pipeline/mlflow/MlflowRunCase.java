package io.simmim.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.mlflow.TrackedRuns.StoredRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose lines are written by a test, and a server that is told of them. */
abstract class MlflowRunCase {
  static final long BEGINNING = Instant.parse("2026-01-02T03:04:05Z").toEpochMilli();
  static final Map<String, String> TAGS =
      Map.of("mlflow.source.name", "simmim pretrain", "simmim.output", "somewhere");

  @TempDir Path output;
  @RegisterExtension final TrackingServer server = new TrackingServer();

  final MlflowTarget target(URI address, Map<String, String> params) {
    return new MlflowTarget(address, "trials", output.toUri().toString(), "run 1", params, TAGS);
  }

  final MlflowRun run() {
    return run(target(server.address(), Map.of("seed", "7")));
  }

  static MlflowRun run(MlflowTarget target) {
    return new MlflowRun(
        target, new MlflowServer(target.server(), Map.of(), Duration.ofSeconds(30)));
  }

  /** Steps of two per epoch, a second each. */
  final void writeSteps(long first, long last, long delayMillis) throws IOException {
    String lines =
        LongStream.rangeClosed(first, last)
            .mapToObj(step -> line(step, delayMillis))
            .collect(Collectors.joining());
    Files.writeString(output.resolve("metrics.jsonl"), lines);
  }

  static String line(long step, long delayMillis) {
    return """
        {"step":%d,"epoch":%d,"images_seen":%d,"images":8,"loss":%s,"learning_rate":0.5,"gradient_norm":null,"images_per_second":100.5,"data_wait_share":0.25,"decode_wait_share":0.125,"rejected_images":0,"time":"%s"}
        """
        .formatted(
            step,
            (step - 1) / 2,
            8 * step,
            1.0 / step,
            Instant.ofEpochMilli(time(step) + delayMillis));
  }

  static long time(long step) {
    return BEGINNING + 1000 * step;
  }

  final void writeEvaluations(long... steps) throws IOException {
    Files.writeString(
        output.resolve("evaluation.jsonl"),
        Arrays.stream(steps)
            .mapToObj(
                step ->
                    """
                    {"step":%d,"epoch":1,"knn10_top1":0.5,"knn10_top5":0.75,"knn_images":4,"effective_rank":3.5,"feature_width":8,"rank_images":4}
                    """
                        .formatted(step))
            .collect(Collectors.joining()));
  }

  final StoredRun stored() {
    assertThat(server.runs()).hasSize(1);
    return server.runs().get(0);
  }

  static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
