package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.trainer.operator.SavepointPosition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a cluster in JVMs of its own: a run that was interrupted and continued cannot be told from an
 * undisturbed one by its weights, its metrics or its rejected images.
 */
@Timeout(600)
class ResumeITCase {
  /** Long enough for {@code flink stop} and kills to be in time. */
  private static final int EPOCHS = 60;

  private static final int MICRO_BATCHES_PER_EPOCH =
      Workload.ACCUMULATION * Workload.STEPS_PER_EPOCH;

  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);

  @TempDir static Path work;
  private static StandaloneCluster cluster;
  private static Workload workload;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException, InterruptedException {
    workload = Workload.prepare(work, EPOCHS);
    cluster = StandaloneCluster.startWithJarInLib(work.resolve("cluster"), "resume");
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(workload.pretrain(undisturbed)).orFail();
    assertThat(undisturbed.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
    assertThat(undisturbed.rejected()).hasSize(2);
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void restartsByItselfWhenTheTaskManagerIsKilledInMidEpoch() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    String job = workload.submit(cluster, output, "-p", "1");
    awaitStep(output, EPOCHS / 2 * Workload.STEPS_PER_EPOCH + 1);
    Awaitility.await().atMost(RUN_LIMIT).until(() -> cluster.rest().completedCheckpoints(job) > 0);

    cluster.taskManager().kill();
    long stepsAtKill = output.lastStep();
    cluster.startTaskManager();

    finish(job);
    assertThat(stepsAtKill).isLessThan(undisturbed.lastStep());
    // More than once if a try goes to the killed TaskManager, which Flink has not missed yet.
    assertThat(cluster.rest().restored(job)).isPositive();
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesAtAnotherParallelismFromTheSavepointItWasStoppedWith() throws Exception {
    RunOutput output = new RunOutput(work.resolve("stopped"));
    String job = workload.submit(cluster, output, "-p", "1");
    awaitStep(output, EPOCHS / 10 * Workload.STEPS_PER_EPOCH);

    Path savepoint = cluster.stop(job, work.resolve("stopped-savepoints"));
    assertThat(output.lastStep()).isLessThan(undisturbed.lastStep());

    String resumed = workload.submit(cluster, output, "-p", "3", "-s", savepoint.toString());
    finish(resumed);
    assertThat(cluster.rest().parallelism(resumed, "decode")).isEqualTo(3);
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesByItselfWhenTheWholeClusterWasKilledAndTheJobIsSubmittedAgain() throws Exception {
    RunOutput output = new RunOutput(work.resolve("cluster-killed"));
    workload.submit(cluster, output, "-p", "2");
    awaitStep(output, EPOCHS / 2 * Workload.STEPS_PER_EPOCH);

    cluster.close();
    assertThat(output.lastStep()).isLessThan(undisturbed.lastStep());
    cluster = StandaloneCluster.startWithJarInLib(work.resolve("cluster-2"), "resume-2");

    String resubmitted = workload.submit(cluster, output, "-p", "1");
    finish(resubmitted);
    assertThat(cluster.rest().restored(resubmitted)).isEqualTo(1);
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesInsideAnAccumulationAndThenAtAnEpochBoundary() throws Exception {
    RunOutput output = new RunOutput(work.resolve("twice"));
    Path inside =
        cancelAfterSavepoint(
            () -> workload.submit(cluster, output, "-p", "2"),
            "accumulation",
            position ->
                position.microBatches() % Workload.ACCUMULATION != 0 && position.gradients() > 0);

    Path boundary =
        cancelAfterSavepoint(
            () -> workload.submit(cluster, output, "-p", "2", "-s", inside.toString()),
            "boundary",
            position ->
                position.microBatches() > 0
                    && position.microBatches() % MICRO_BATCHES_PER_EPOCH == 0);
    assertThat(output.lastStep()).isLessThan(undisturbed.lastStep());

    finish(workload.submit(cluster, output, "-p", "2", "-s", boundary.toString()));
    output.assertSameAs(undisturbed);
  }

  /**
   * Takes savepoints of a job until one is where it is wanted, and ends the job. One that is far on
   * without such a savepoint is submitted again, so that none ends before there is one.
   */
  private static Path cancelAfterSavepoint(
      Callable<String> submission, String name, Predicate<SavepointPosition> wanted)
      throws Exception {
    Path folder = work.resolve(name + "-savepoints");
    while (true) {
      String job = submission.call();
      Awaitility.await("a checkpoint")
          .atMost(RUN_LIMIT)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> cluster.rest().completedCheckpoints(job) > 0);
      SavepointPosition position;
      do {
        Optional<Path> savepoint = cluster.rest().savepoint(job, folder);
        assertThat(savepoint).as("a savepoint before the job ended").isPresent();
        position = SavepointPosition.read(savepoint.get());
        if (wanted.test(position)) {
          cluster.rest().cancel(job);
          return savepoint.get();
        }
      } while (position.microBatches() < EPOCHS / 2 * MICRO_BATCHES_PER_EPOCH);
      cluster.rest().cancel(job);
    }
  }

  private static void awaitStep(RunOutput output, long step) {
    Awaitility.await("step " + step)
        .atMost(RUN_LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> output.lastStep() >= step);
  }

  private static void finish(String job) throws IOException, InterruptedException {
    String end = cluster.rest().awaitEnd(job, RUN_LIMIT);
    assertThat(end).as(() -> "end of the job; " + failure(job)).isEqualTo("FINISHED");
  }

  private static String failure(String job) {
    try {
      return cluster.rest().failure(job);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
