package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image that ends the process which decodes it ends two of them, or some more on a busy machine;
 * then it is rejected by name, and the run goes on. The exception that says what is no image lets a
 * debugger send SIGABRT to the JVM here, as a fault in native code does.
 */
@Timeout(600)
class LethalImagesITCase {
  /** What is rejected in the first one must not come back in the second one. */
  private static final int EPOCHS = 2;

  /** As many as two steps take: each epoch has all of them. */
  private static final int IMAGES = 48;

  private static final int ABORTED = 134;
  private static final String REJECTED =
      "no-image.jpg: ends the process that decodes it: exit code 134 (SIGABRT)";

  /** Suspects reach over 8, 16 and then all 24 chunks, and two losses count. */
  private static final int MOST_LIVES = 5;

  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir static Path work;
  private static Workload workload;
  private static Map<String, String> environment;
  private static RunOutput healthy;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  /** An image that is rejected for another reason makes the same run. */
  @BeforeAll
  static void trainHealthy() throws IOException {
    workload = Workload.prepare(work, EPOCHS);
    Files.delete(workload.images().resolve("nothing.jpg"));
    keepImages();
    environment = Map.of("JDK_JAVA_OPTIONS", abortWhenUnreadable());
    healthy = new RunOutput(work.resolve("healthy"));
    InThisProcess.run(pretrain(healthy)).orFail();
    assertThat(healthy.rejected()).hasSize(1);
  }

  /** Other than a class in the place of one of ours, this leaves JVMs their archives of classes. */
  private static String abortWhenUnreadable() throws IOException {
    Path debugger = work.resolve("debugger");
    Files.writeString(
        debugger,
        """
        #!/bin/sh
        prlimit --core=0 --pid $PPID
        kill -ABRT $PPID
        """);
    assertThat(debugger.toFile().setExecutable(true)).isTrue();
    return "-agentlib:jdwp=transport=dt_socket,server=y,quiet=y,address=127.0.0.1:0,onthrow=%s,launch=%s"
        .formatted(UnreadableImageException.class.getName(), debugger);
  }

  private static void keepImages() throws IOException {
    try (Stream<Path> files = Files.walk(workload.images())) {
      List<Path> photographs =
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.endsWith("no-image.jpg"))
              .sorted()
              .toList();
      for (Path photograph : photographs.subList(IMAGES - 1, photographs.size())) {
        Files.delete(photograph);
      }
    }
  }

  private static List<String> pretrain(RunOutput output) {
    return workload.pretrain(output, "--set", "schedule.warmup-epochs=0");
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void endTheLauncherTwiceAndAreRejectedThen() throws Exception {
    CommandLine simmim = new CommandLine("lethal-images", environment);
    RunOutput output = new RunOutput(work.resolve("launcher"));
    for (int life = 1; life <= 2; life++) {
      assertThat(simmim.run(pretrain(output)).exitCode()).isEqualTo(ABORTED);
    }
    assertThat(output.path().resolve("suspects")).exists();

    CommandResult last = simmim.run(pretrain(output)).orFail();

    assertThat(last.output())
        .contains("the process before this one was killed, or ended by a fault in native code");
    assertThat(output.rejected()).containsExactly(REJECTED);
    assertThat(output.path().resolve("suspects")).doesNotExist();
    assertSameAsHealthy(output);
  }

  @Test
  void endTaskManagersTwiceAndAreRejectedThen() throws Exception {
    try (StandaloneCluster cluster =
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"), "lethal-images", Map.of(), environment)) {
      RunOutput output = new RunOutput(work.resolve("task-managers"));
      List<String> command =
          new ArrayList<>(List.of("run", "-p", "2", cluster.jobJar().toString()));
      command.addAll(pretrain(output));
      Future<CommandResult> client =
          threads.submit(() -> cluster.flink(command.toArray(String[]::new)));
      int lives = 1;
      while (!client.isDone()) {
        if (!cluster.taskManager().isAlive()) {
          cluster.startTaskManager();
          lives++;
        }
        Awaitility.await()
            .atMost(LIMIT)
            .until(() -> client.isDone() || !cluster.taskManager().isAlive());
      }

      CommandResult result = client.get().orFail();

      assertThat(result.output()).contains("restart 1", "a task manager was lost", "restart 2");
      assertThat(lives).isLessThanOrEqualTo(MOST_LIVES);
      assertThat(output.rejected()).containsExactly(REJECTED);
      assertSameAsHealthy(output);
    }
  }

  private static void assertSameAsHealthy(RunOutput output) throws IOException {
    assertThat(output.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
    assertThat(output.model()).hasSameBinaryContentAs(healthy.model());
  }
}
