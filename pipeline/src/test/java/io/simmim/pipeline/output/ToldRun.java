package io.simmim.pipeline.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.mlflow.TrackedRuns.StoredRun;
import io.simmim.pipeline.mlflow.TrackingServer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.mlflow.api.proto.Service.Metric;

/** What a tracking server was told of a run of a {@link Workload}. */
public final class ToldRun {
  private ToldRun() {}

  /** The last step of its only run; 0 if there is none. */
  public static long lastStep(TrackingServer server) {
    return server.runs().isEmpty()
        ? 0
        : server.runs().get(0).steps("train/loss").stream()
            .mapToLong(Long::longValue)
            .max()
            .orElse(0);
  }

  /** Asserts that it was told all of one finished run, each step once. */
  public static void assertWhole(TrackingServer server, RunOutput output, long steps)
      throws IOException {
    assertThat(server.runs()).hasSize(1);
    StoredRun run = server.runs().get(0);
    assertThat(run.status()).isEqualTo("FINISHED");
    assertThat(run.name()).isEqualTo(output.path().getFileName().toString());
    assertThat(run.params()).containsEntry("training.micro-batch", "8").hasSizeGreaterThan(100);
    List<JsonNode> lines = output.metrics();
    List<Metric> losses = kept(run.history("train/loss"));
    assertThat(losses.stream().map(Metric::getStep))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, steps).boxed().toList());
    assertThat(losses.stream().map(Metric::getValue).toList())
        .isEqualTo(lines.stream().map(line -> line.path("loss").asDouble()).toList());
    assertThat(losses.stream().map(Metric::getTimestamp).toList())
        .isEqualTo(
            lines.stream()
                .map(line -> Instant.parse(line.path("time").asText()).toEpochMilli())
                .toList());
    assertThat(
            kept(run.history("evaluation/effective_rank")).stream().map(Metric::getStep).toList())
        .isEqualTo(output.evaluations().stream().map(line -> line.path("step").asLong()).toList());
  }

  /**
   * As MLflow's database keeps them: the same step, time and value once. A process that is killed
   * before it hears an answer tells the same again.
   */
  private static List<Metric> kept(List<Metric> told) {
    return told.stream().distinct().toList();
  }
}
