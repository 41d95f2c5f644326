package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.schemas.OtherClass;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image that ends the process which decodes it ends two of them, or some more on a busy machine;
 * then it is rejected by name, and the run goes on. The class of the exception that says what is no
 * image is another one here: it ends the JVM at once, as a fault in native code does.
 */
@Timeout(600)
class DeadlyImagesITCase {
  private static final int EPOCHS = 8;
  private static final int ABORTED = 134;
  private static final String REJECTED =
      "no-image.jpg: ends the process that decodes it: exit code 134 (SIGABRT)";

  /** Suspects reach over 8, 16, 32 and then all 64 chunks of the window, and two losses count. */
  private static final int MOST_LIVES = 6;

  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir Path work;
  private Workload workload;
  private Map<String, String> environment;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  @BeforeEach
  void prepare() throws IOException {
    workload = Workload.prepare(work, EPOCHS);
    Path classes = Files.createDirectories(work.resolve("classes"));
    String option =
        OtherClass.whenUnreadable(classes, "Runtime.getRuntime().halt(%d);".formatted(ABORTED));
    Files.delete(workload.images().resolve("nothing.jpg"));
    environment = Map.of("JDK_JAVA_OPTIONS", option);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void endTheLauncherTwiceAndAreRejectedThen() throws Exception {
    CommandLine simmim = new CommandLine("deadly-images", environment);
    RunOutput output = new RunOutput(work.resolve("output"));
    for (int life = 1; life <= 2; life++) {
      assertThat(simmim.run(workload.pretrain(output)).exitCode()).isEqualTo(ABORTED);
    }
    assertThat(output.path().resolve("suspects")).exists();

    CommandResult last = simmim.run(workload.pretrain(output)).orFail();

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
            work.resolve("cluster"), "deadly-images", Map.of(), environment)) {
      RunOutput output = new RunOutput(work.resolve("output"));
      List<String> command =
          new ArrayList<>(List.of("run", "-p", "2", cluster.jobJar().toString()));
      command.addAll(workload.pretrain(output));
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

  /** An image that is rejected for another reason makes the same run. */
  private void assertSameAsHealthy(RunOutput output) throws IOException {
    RunOutput other = new RunOutput(work.resolve("healthy"));
    InThisProcess.run(workload.pretrain(other)).orFail();
    assertThat(other.rejected()).hasSize(1);
    assertThat(output.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
    assertThat(output.model()).hasSameBinaryContentAs(other.model());
  }
}
