package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.StandaloneCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each submission loads the jar's classes in a class loader of its own, while native libraries
 * belong to the JVM of the TaskManager.
 */
@Timeout(180)
class SecondSubmissionITCase {
  @TempDir Path work;

  @Test
  void runsAgainAndAgainInTheSameTaskManager() throws Exception {
    Workload workload = Workload.prepare(work, 4);
    RunOutput first = new RunOutput(work.resolve("first"));
    RunOutput second = new RunOutput(work.resolve("second"));
    RunOutput third = new RunOutput(work.resolve("third"));
    try (StandaloneCluster cluster =
        StandaloneCluster.start(work.resolve("cluster"), "second-submission")) {
      train(cluster, workload, first);
      train(cluster, workload, second);
      train(cluster, workload, third);
      assertThat(cluster.taskManager().isAlive()).isTrue();
    }
    second.assertSameAs(first);
    third.assertSameAs(first);
  }

  private static void train(StandaloneCluster cluster, Workload workload, RunOutput output)
      throws IOException, InterruptedException {
    String job = workload.submit(cluster, output, "-p", "2");
    assertThat(cluster.rest().awaitEnd(job, Duration.ofMinutes(1))).isEqualTo("FINISHED");
    assertThat(cluster.rest().restarts(job)).isZero();
  }
}
