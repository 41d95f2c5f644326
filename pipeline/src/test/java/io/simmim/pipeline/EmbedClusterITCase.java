package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code flink run … embed}: what the output tells when no client waits for the end. */
@Timeout(900)
class EmbedClusterITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int PICTURES = 20;
  private static final int COPIES = 300; // more than there is time for until it is stopped

  @TempDir static Path work;

  @Test
  void isCompleteOnceAllRowsAreThereAndNotWhenItWasStopped() throws Exception {
    Path images = work.resolve("images");
    Path drawn = work.resolve("drawn");
    Photographs.draw(drawn, PICTURES);
    try (Stream<Path> pictures = Files.walk(drawn)) {
      for (Path picture : pictures.filter(Files::isRegularFile).toList()) {
        Path folder = Files.createDirectories(images.resolve(picture.getFileName()));
        for (int copy = 0; copy < COPIES; copy++) {
          Files.createLink(folder.resolve(copy + ".jpg"), picture);
        }
      }
    }
    RandomModel.write(work.resolve("model"));
    Path output = work.resolve("output");
    List<String> embed =
        List.of(
            "embed",
            "--model",
            work.resolve("model").toString(),
            "--input",
            images.toString(),
            "--output",
            output.toString(),
            "--format",
            "jsonl",
            "--set",
            "checkpoint.interval=300ms");
    try (StandaloneCluster cluster =
        StandaloneCluster.startWithJarInLib(work.resolve("cluster"), "embed")) {
      CommandResult stopped = runAndStop(cluster, embed, output);

      assertThat(stopped.output())
          .as(stopped.toString())
          .contains("stopped before all images were embedded; the same command continues");
      assertThat(EmbeddedRows.of(output).count()).isLessThan(PICTURES * COPIES);

      String job = cluster.submit(List.of("-p", "2"), embed);
      assertThat(cluster.rest().awaitEnd(job, LIMIT)).isEqualTo("FINISHED");
      assertThat(cluster.rest().restored(job)).isEqualTo(1);
    }
    // Flink leaves savepoints to the user, who may delete them once the job has gone on.
    deleteSavepoints(output);

    CommandResult again = new CommandLine("embed-cluster").run(embed).orFail();

    assertThat(again.output()).contains("already complete");
    assertThat(EmbeddedRows.of(output).uris()).hasSize(PICTURES * COPIES).doesNotHaveDuplicates();
  }

  /** Stops the job while a client waits for it. */
  private static CommandResult runAndStop(
      StandaloneCluster cluster, List<String> embed, Path output) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      List<String> run = new ArrayList<>(List.of("run", "-p", "1", cluster.jobJar().toString()));
      run.addAll(embed);
      Future<CommandResult> client = thread.submit(() -> cluster.flink(run.toArray(String[]::new)));
      Awaitility.await("a checkpoint")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .untilAsserted(
              () -> {
                String job = cluster.rest().runningJob();
                assertThat(cluster.rest().completedCheckpoints(job)).isPositive();
              });
      cluster.rest().stop(cluster.rest().runningJob(), output.resolve("savepoints"));
      return client.get().orFail();
    } finally {
      thread.shutdownNow();
    }
  }

  private static void deleteSavepoints(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output.resolve("savepoints"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
