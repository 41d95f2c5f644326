package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.StandaloneCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Submissions where the jar is in {@code lib/}; those that bring their classes are in {@link
 * S3ClusterITCase}.
 */
@Timeout(600)
class SecondSubmissionITCase {
  private static final Pattern CLASS_LOADER_OF_JOB =
      Pattern.compile(
          "org\\.apache\\.flink\\.util\\."
              + "(ChildFirstClassLoader|FlinkUserCodeClassLoaders\\$ParentFirstClassLoader)");

  @TempDir Path work;

  /** Otherwise libtorch's Java side keeps that of each submission in the TaskManager. */
  @Test
  void leavesNoClassLoadersWhenTheJarIsInLib() throws Exception {
    Workload workload = Workload.prepare(work, 4);
    try (StandaloneCluster cluster =
        StandaloneCluster.startWithJarInLib(work.resolve("cluster"), "jar-in-lib")) {
      train(cluster, workload, new RunOutput(work.resolve("first")));
      train(cluster, workload, new RunOutput(work.resolve("second")));
      RunOutput failed = new RunOutput(work.resolve("failed"));
      String job =
          cluster.submit(
              List.of("-p", "2"), workload.pretrain(failed, "--set", "training.device=gpu0"));
      assertThat(cluster.rest().awaitEnd(job, Duration.ofMinutes(3))).isEqualTo("FAILED");

      Awaitility.await("no class loaders of jobs")
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                assertThat(cluster.jobManager().instances(CLASS_LOADER_OF_JOB)).isZero();
                assertThat(cluster.taskManager().instances(CLASS_LOADER_OF_JOB)).isZero();
              });
    }
  }

  private static void train(StandaloneCluster cluster, Workload workload, RunOutput output)
      throws IOException, InterruptedException {
    String job = workload.submit(cluster, output, "-p", "2");
    assertThat(cluster.rest().awaitEnd(job, Duration.ofMinutes(3))).isEqualTo("FINISHED");
    assertThat(cluster.rest().restarts(job)).isZero();
  }
}
