package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster as in {@code k8s/mixed}, in JVMs of its own: one TaskManager declares slots for
 * decoding, the other a GPU (which nobody looks for). Both have cores and memory for every task.
 */
@Timeout(600)
class MixedClusterITCase {
  private static final int EPOCHS = 20;

  /** So much is trained between what happens to the run. */
  private static final int FEW_EPOCHS = 4;

  private static final int FEW_STEPS = FEW_EPOCHS * Workload.STEPS_PER_EPOCH;
  private static final Duration RUN_LIMIT = Duration.ofMinutes(3);
  private static final Path BEFORE_STOP =
      Path.of("..", "k8s", "image", "before-stop").toAbsolutePath().normalize();
  private static final Map<String, String> TRAINS =
      Map.of(
          "external-resources", "gpu",
          "external-resource.gpu.amount", "1",
          "metrics.fetcher.update-interval", "200 ms");
  private static final Map<String, String> DECODES =
      Map.of("external-resources", "decode", "external-resource.decode.amount", "2");
  private static final String TRAINER = "taskmanager-1";

  /** As in k8s/mixed, but for the amounts. */
  private static final List<String> SETTINGS =
      List.of(
          "resources.images-external-resource=decode",
          "resources.images-cpu-cores=1",
          "resources.images-task-heap=96mb",
          "resources.trainer-external-resource=gpu",
          "resources.trainer-cpu-cores=1",
          "resources.trainer-task-heap=128mb",
          "checkpoint.interval=1h"); // one at the start, then those that the hook asks for

  @TempDir static Path work;
  private static StandaloneCluster cluster;
  private static Workload workload;
  private static ChildProcess trainer;
  private static String decoder;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException, InterruptedException {
    workload = Workload.prepare(work, EPOCHS).gated();
    cluster =
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"), "mixed", TRAINS, GatedFiles.environment());
    trainer = cluster.taskManager();
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    String job = submit(undisturbed);
    // Until now there was only the one with the GPU, so tasks that would take its cores have them.
    decoder = cluster.startTaskManager(DECODES);
    assertThat(cluster.rest().awaitEnd(job, RUN_LIMIT)).isEqualTo("FINISHED");
    assertThat(cluster.rest().taskManagers(job, "decode")).containsExactly(decoder);
    for (String task : List.of("trainer", "metrics", "progress", "rejected")) {
      assertThat(cluster.rest().taskManagers(job, task)).as(task).containsExactly(TRAINER);
    }
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /**
   * First what Kubernetes does to a pod: the hook, then SIGTERM. Then a machine that is gone
   * without notice, and with it all steps after the last checkpoint.
   */
  @Test
  void aTrainerThatIsPreemptedAndThenKilledTrainsAgainOnlyWhatNoCheckpointHas() throws Exception {
    RunOutput output = new RunOutput(work.resolve("disturbed"));
    workload.waitAfter(FEW_EPOCHS);
    String job = submit(output);
    awaitStep(job, FEW_STEPS);

    assertThat(hook(cluster.rest().address()).output())
        .contains("checkpoint of " + job + " is complete");
    trainer.terminate();
    Awaitility.await("end of the TaskManager").atMost(RUN_LIMIT).until(() -> !trainer.isAlive());
    long saved = output.lastStep();
    startTrainer();
    workload.waitAgainAfter(FEW_EPOCHS);
    Awaitility.await("a checkpoint of the next trainer")
        .atMost(RUN_LIMIT)
        .until(
            () -> {
              hook(cluster.rest().address());
              return output.lastStep() > saved;
            });
    long savedAgain = output.lastStep();
    workload.waitAgainAfter(FEW_EPOCHS);
    awaitStep(job, savedAgain + 1);
    int restored = cluster.rest().restored(job);
    trainer.kill();
    String successor = startTrainer();
    workload.gate().open();

    assertThat(cluster.rest().awaitEnd(job, RUN_LIMIT)).isEqualTo("FINISHED");
    // What the checkpoints of the hooks wrote.
    assertThat(saved).isGreaterThanOrEqualTo(FEW_STEPS);
    assertThat(savedAgain).isBetween(saved + 1, undisturbed.lastStep() - 1);
    assertThat(restored).as("after the first").isPositive();
    assertThat(cluster.rest().restored(job)).isGreaterThan(restored);
    assertThat(cluster.rest().taskManagers(job, "trainer")).containsExactly(successor);
    assertThat(cluster.rest().taskManagers(job, "decode")).containsExactly(decoder);
    output.assertSameAs(undisturbed);
  }

  /** A pod that cannot reach its JobManager must not stay for long. */
  @Test
  void theHookGivesUpWhenNobodyAnswers() throws Exception {
    assertThat(hook("127.0.0.1:1").output()).contains("no checkpoint: 127.0.0.1:1 does not answer");
  }

  /** Metrics are written with checkpoints, of which there is only the one before step 1. */
  private static void awaitStep(String job, long step) {
    Awaitility.await("step " + step)
        .atMost(RUN_LIMIT)
        .pollInterval(Duration.ofMillis(150))
        .until(() -> cluster.rest().metric(job, "trainer", "trainer.step") >= step);
  }

  private static String startTrainer() throws IOException {
    String id = cluster.startTaskManager(TRAINS);
    trainer = cluster.taskManager();
    return id;
  }

  private static CommandResult hook(String rest) throws Exception {
    try (ChildProcess process =
        ChildProcess.start(
            work.resolve("hook"),
            "before-stop",
            Map.of("SIMMIM_REST", rest, "SIMMIM_STOP_SECONDS", "60"),
            List.of(BEFORE_STOP.toString()))) {
      return process.await(RUN_LIMIT).orFail();
    }
  }

  private static String submit(RunOutput output) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(workload.pretrain(output));
    SETTINGS.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return cluster.submit(List.of("-p", "2"), arguments);
  }
}
