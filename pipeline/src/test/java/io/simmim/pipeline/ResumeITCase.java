package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.trainer.operator.SavepointPosition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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
  private static final int EPOCHS = 8;

  /** Where a run waits for what happens to it. */
  private static final int MIDDLE = EPOCHS / 2;

  /** So many images are trained on between the savepoints that are looked at. */
  private static final int FEW = 4;

  private static final int MICRO_BATCHES_PER_EPOCH =
      Workload.ACCUMULATION * Workload.STEPS_PER_EPOCH;

  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);

  @TempDir static Path work;
  private static StandaloneCluster cluster;
  private static Workload workload;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException, InterruptedException {
    workload = Workload.prepare(work, EPOCHS).gated();
    cluster = start("resume");
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(workload.pretrain(undisturbed)).orFail();
    assertThat(undisturbed.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
    assertThat(undisturbed.rejected()).hasSize(2);
  }

  /** One that is told of state otherwise than a run needs it. */
  private static StandaloneCluster start(String name) throws IOException {
    return StandaloneCluster.startWithJarInLib(
        work.resolve(name),
        name,
        Map.of(
            "state.changelog.enabled", "true", "execution.checkpointing.unaligned.enabled", "true"),
        GatedFiles.environment());
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** A test that failed must not make the next one wait. */
  @AfterEach
  void openGate() throws IOException {
    workload.gate().open();
  }

  @Test
  void restartsByItselfWhenTheTaskManagerIsKilledInMidEpoch() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    workload.waitAfter(MIDDLE);
    String job = workload.submit(cluster, output, "-p", "1");
    awaitStep(output, MIDDLE * Workload.STEPS_PER_EPOCH);

    cluster.taskManager().kill();
    workload.gate().open();
    cluster.startTaskManager();

    finish(job);
    // More than once if a try goes to the killed TaskManager, which Flink has not missed yet.
    assertThat(cluster.rest().restored(job)).isPositive();
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesAtAnotherParallelismFromTheSavepointItWasStoppedWith() throws Exception {
    RunOutput output = new RunOutput(work.resolve("stopped"));
    workload.waitAfter(1);
    String job = workload.submit(cluster, output, "-p", "1");
    awaitStep(output, Workload.STEPS_PER_EPOCH);

    Path savepoint = cluster.stop(job, work.resolve("stopped-savepoints"));
    workload.gate().open();

    String resumed = workload.submit(cluster, output, "-p", "3", "-s", savepoint.toString());
    finish(resumed);
    assertThat(cluster.rest().parallelism(resumed, "decode")).isEqualTo(3);
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesByItselfWhenTheWholeClusterWasKilledAndTheJobIsSubmittedAgain() throws Exception {
    RunOutput output = new RunOutput(work.resolve("cluster-killed"));
    workload.waitAfter(MIDDLE);
    workload.submit(cluster, output, "-p", "2");
    awaitStep(output, MIDDLE * Workload.STEPS_PER_EPOCH);

    cluster.close();
    workload.gate().open();
    cluster = start("resume-2");

    String resubmitted = workload.submit(cluster, output, "-p", "1");
    finish(resubmitted);
    assertThat(cluster.rest().restored(resubmitted)).isEqualTo(1);
    output.assertSameAs(undisturbed);
  }

  @Test
  void continuesAtAnEpochBoundaryAndThenInsideAnAccumulation() throws Exception {
    RunOutput output = new RunOutput(work.resolve("twice"));
    workload.gate().closeAfter(1);
    Path boundary =
        cancelAfterSavepoint(
            workload.submit(cluster, output, "-p", "2"),
            "boundary",
            position ->
                position.microBatches() > 0
                    && position.microBatches() % MICRO_BATCHES_PER_EPOCH == 0);

    workload.gate().closeAfter(1);
    Path inside =
        cancelAfterSavepoint(
            workload.submit(cluster, output, "-p", "2", "-s", boundary.toString()),
            "accumulation",
            position ->
                position.microBatches() % Workload.ACCUMULATION != 0 && position.gradients() > 0);
    assertThat(output.lastStep()).isLessThan(undisturbed.lastStep());

    workload.gate().open();
    finish(workload.submit(cluster, output, "-p", "2", "-s", inside.toString()));
    output.assertSameAs(undisturbed);
  }

  /** Lets a job train on a few images after the other until a savepoint is where it is wanted. */
  private static Path cancelAfterSavepoint(
      String job, String name, Predicate<SavepointPosition> wanted) throws Exception {
    Awaitility.await("a checkpoint")
        .atMost(RUN_LIMIT)
        .until(() -> cluster.rest().completedCheckpoints(job) > 0);
    Path savepoint = cluster.rest().savepoint(job, work.resolve(name)).orElseThrow();
    while (!wanted.test(SavepointPosition.read(savepoint))) {
      workload.gate().letPass(FEW);
      savepoint = cluster.rest().savepoint(job, work.resolve(name)).orElseThrow();
    }
    cluster.rest().cancel(job);
    return savepoint;
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
