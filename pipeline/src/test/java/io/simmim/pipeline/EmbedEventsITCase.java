package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.kafka.KafkaBroker;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/simmim embed --events} has each image once that events tell of, killed or not. */
@Timeout(600)
class EmbedEventsITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir static Path work;

  @Test
  void hasEachImageOnceThoughEventsCameTwiceAndTheProcessWasKilled() throws Exception {
    RandomModel.write(work.resolve("model"));
    CommandLine simmim = new CommandLine("embed-events", S3Server.environment());
    Path output = work.resolve("output");
    try (ArrivingPhotographs photographs = ArrivingPhotographs.prepare(work);
        KafkaBroker broker = KafkaBroker.start(work.resolve("broker"))) {
      KafkaTopic topic = broker.createTopic("photo-events", 1);
      List<String> command = command(photographs, topic, output);
      try (Notifications notifications = new Notifications(topic)) {
        tell(notifications, photographs, 0);
        try (ChildProcess process = simmim.start(command)) {
          awaitRows(output, 1);
          tell(notifications, photographs, 0);
          tell(notifications, photographs, 1);
          process.kill();
        }
        try (ChildProcess process = simmim.start(command)) {
          tell(notifications, photographs, 2);
          awaitRows(output, photographs.images().size());
          process.terminate();
          assertThat(process.await(LIMIT).output()).contains("continuing from", "saved in");
        }
      }

      List<String> others = new ArrayList<>(command);
      others.set(others.indexOf(ArrivingPhotographs.INPUT), ArrivingPhotographs.INPUT + "-others");
      assertThat(simmim.run(others).errors())
          .contains(
              "the output holds other embeddings (name another one): input was %1$s and is %1$s-others"
                  .formatted(ArrivingPhotographs.INPUT));
      assertThat(EmbeddedRows.of(output).uris())
          .containsExactlyInAnyOrderElementsOf(photographs.uris());
    }
  }

  private static List<String> command(
      ArrivingPhotographs photographs, KafkaTopic topic, Path output) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "embed",
                "--model",
                work.resolve("model").toString(),
                "--input",
                ArrivingPhotographs.INPUT,
                "--output",
                output.toString(),
                "--events",
                topic.toString(),
                "--format",
                "jsonl",
                "--set",
                "checkpoint.interval=300ms",
                "--set",
                "parallelism=2"));
    S3Server.settings(photographs.server().endpoint())
        .forEach((key, value) -> command.addAll(List.of("--set", "flink." + key + "=" + value)));
    return command;
  }

  private static void tell(Notifications notifications, ArrivingPhotographs photographs, int burst)
      throws Exception {
    photographs.forEachOf(
        burst, (key, bytes, tag) -> notifications.created(S3Server.BUCKET, key, bytes, tag));
  }

  private static void awaitRows(Path output, int count) {
    Awaitility.await(count + " rows")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> EmbeddedRows.of(output).count() >= count);
  }
}
