package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.EmbedCommand;
import io.simmim.pipeline.command.RandomModel;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.Gate;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.EmbeddedRows;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs that a cluster in JVMs of its own runs one after the other, with the jar in {@code lib/};
 * those that bring their classes are in {@link S3ClusterITCase}.
 */
@Timeout(600)
class JarInLibITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int PICTURES = 20;
  private static final int COPIES = 10;
  private static final Pattern CLASS_LOADER_OF_JOB =
      Pattern.compile(
          "org\\.apache\\.flink\\.util\\."
              + "(ChildFirstClassLoader|FlinkUserCodeClassLoaders\\$ParentFirstClassLoader)");

  @TempDir static Path work;
  private static StandaloneCluster cluster;
  private static Workload workload;

  @BeforeAll
  static void startCluster() throws IOException {
    workload = Workload.prepare(work, 40).gated();
    cluster =
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"), "jar-in-lib", Map.of(), GatedFiles.environment());
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
  void trainsIntoAnOutputOnce() throws Exception {
    RunOutput output = new RunOutput(work.resolve("once"));
    workload.waitAfter(2);
    String job = workload.submit(cluster, output, "-p", "1");
    await(() -> assertThat(cluster.rest().completedCheckpoints(job)).isGreaterThan(1));

    CommandResult second = cluster.flink(run(List.of("-d", "-p", "1"), workload.pretrain(output)));

    assertThat(second.exitCode()).isNotZero();
    assertThat(second.toString()).contains("another run is writing to the output " + output.path());
    int before = cluster.rest().completedCheckpoints(job);
    await(() -> assertThat(cluster.rest().completedCheckpoints(job)).isGreaterThan(before));
    cluster.stop(job, output.path().resolve("savepoints"));
    await(() -> assertThat(output.path().resolve("run.lock")).content().contains("\"free\":true"));

    String resumed = workload.submit(cluster, output, "-p", "2");
    await(() -> assertThat(cluster.rest().completedCheckpoints(resumed)).isPositive());
    assertThat(cluster.rest().restored(resumed)).isEqualTo(1);
    cluster.rest().cancel(resumed);
    output.assertEachStepOnce();
  }

  /** To Flink one that was stopped has come to its end, and one that was cancelled has failed. */
  @Test
  void tellsTheClientThatWaitsHowTheRunGoesOn() throws Exception {
    RunOutput output = new RunOutput(work.resolve("waited-for"));
    workload.waitAfter(2);

    CommandResult cancelled =
        runUntil(job -> cluster.rest().cancel(job), workload.pretrain(output));
    CommandResult stopped = runAndStop(workload.pretrain(output), output.path());

    assertThat(cancelled.exitCode()).isEqualTo(1);
    assertThat(cancelled.toString())
        .contains("the job was cancelled; the same command continues: ")
        .doesNotContain("failed");
    assertThat(cancelled.output())
        .as("what the JobManager is not told, it does not keep")
        .contains("1 is kept", "checkpoint.retained is 2, but on a cluster");
    assertThat(stopped.output())
        .as(stopped.toString())
        .containsPattern(
            "stopped after step [0-9,]+, saved in %s/savepoints/savepoint-[^;]+; the same command"
                .formatted(output.path()));
    assertThat(stopped.errors()).doesNotContain("no model");
  }

  /** What the output tells when no client waits for the end. */
  @Test
  void embedsCompletelyOnceAllRowsAreThereAndNotWhenItWasStopped() throws Exception {
    Path images = drawManyImages();
    RandomModel.write(work.resolve("model"));
    Path output = work.resolve("embedded");
    List<String> embed = EmbedCommand.of(work.resolve("model"), GatedFiles.uri(images), output);
    Gate.of(images).closeAfter(PICTURES * COPIES / 2);
    CommandResult stopped = runAndStop(embed, output);
    Gate.of(images).open();

    assertThat(stopped.output())
        .as(stopped.toString())
        .contains("stopped before all images were embedded; the same command continues");
    assertThat(EmbeddedRows.of(output).count()).isLessThan(PICTURES * COPIES);

    String job = cluster.submit(List.of("-p", "2"), embed);
    assertThat(cluster.rest().awaitEnd(job, LIMIT)).isEqualTo("FINISHED");
    assertThat(cluster.rest().restored(job)).isEqualTo(1);
    // Flink leaves savepoints to the user, who may delete them once the job has gone on.
    deleteSavepoints(output);

    CommandResult again = InThisProcess.run(embed).orFail();

    assertThat(again.output()).contains("already complete");
    assertThat(EmbeddedRows.of(output).uris()).hasSize(PICTURES * COPIES).doesNotHaveDuplicates();
  }

  /** Otherwise libtorch's Java side keeps that of each submission in the TaskManager. */
  @Test
  void leavesNoClassLoadersOfJobs() throws Exception {
    for (String name : List.of("first", "second")) {
      String job = cluster.submit(List.of("-p", "2"), pretrainShortly(name));
      assertThat(cluster.rest().awaitEnd(job, LIMIT)).isEqualTo("FINISHED");
      assertThat(cluster.rest().restarts(job)).isZero();
    }
    String failing =
        cluster.submit(
            List.of("-p", "2"), pretrainShortly("failed", "--set", "training.device=gpu0"));
    assertThat(cluster.rest().awaitEnd(failing, LIMIT)).isEqualTo("FAILED");

    await(
        () -> {
          assertThat(cluster.jobManager().instances(CLASS_LOADER_OF_JOB)).isZero();
          assertThat(cluster.taskManager().instances(CLASS_LOADER_OF_JOB)).isZero();
        });
  }

  private static List<String> pretrainShortly(String output, String... more) {
    List<String> arguments =
        new ArrayList<>(workload.pretrain(new RunOutput(work.resolve(output)), more));
    arguments.addAll(List.of("--set", "training.epochs=4"));
    return arguments;
  }

  /** Links, which take no time to make. */
  private static Path drawManyImages() throws IOException {
    Path images = work.resolve("many");
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
    return images;
  }

  /** Stops the job while a client waits for it. */
  private static CommandResult runAndStop(List<String> arguments, Path output) throws Exception {
    return runUntil(job -> cluster.rest().stop(job, output.resolve("savepoints")), arguments)
        .orFail();
  }

  /** What ends a job. */
  private interface Ending {
    void of(String job) throws Exception;
  }

  /** Ends the job, once there is a checkpoint, while a client waits for it. */
  private static CommandResult runUntil(Ending ending, List<String> arguments) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      // Flink keeps as many checkpoints as its JobManager is told, whatever the client says.
      String[] command =
          run(List.of("-p", "1", "-Dexecution.checkpointing.num-retained=7"), arguments);
      Future<CommandResult> client = thread.submit(() -> cluster.flink(command));
      await(
          () -> {
            String job = cluster.rest().runningJob();
            assertThat(cluster.rest().completedCheckpoints(job)).isPositive();
          });
      ending.of(cluster.rest().runningJob());
      return client.get();
    } finally {
      thread.shutdownNow();
    }
  }

  /** Arguments of {@code flink} that submit the jar. */
  private static String[] run(List<String> options, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("run"));
    command.addAll(options);
    command.add(cluster.jobJar().toString());
    command.addAll(arguments);
    return command.toArray(String[]::new);
  }

  private static void deleteSavepoints(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output.resolve("savepoints"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void await(ThrowingRunnable condition) {
    Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).untilAsserted(condition);
  }
}
