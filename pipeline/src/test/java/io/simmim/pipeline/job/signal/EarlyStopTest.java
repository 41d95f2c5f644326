package io.simmim.pipeline.job.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class EarlyStopTest {
  @TempDir private Path logs;

  @Test
  void saysAWordWhenTheProcessIsTold() throws Exception {
    assertThat(terminated("waits"))
        .containsExactly("waits", "stopped before the job ran; the same command starts it");
  }

  @Test
  void saysNothingOnceTheJobRuns() throws Exception {
    assertThat(terminated("runs")).containsExactly("runs");
  }

  private List<String> terminated(String state) throws Exception {
    List<String> command =
        List.of(
            ChildProcess.java(),
            "-cp",
            System.getProperty("java.class.path"),
            Waiting.class.getName(),
            state);
    try (ChildProcess process = ChildProcess.start(logs, state, Map.of(), command)) {
      Awaitility.await(state)
          .atMost(Duration.ofMinutes(1))
          .until(() -> process.output().contains(state));
      process.terminate();
      CommandResult result = process.await(Duration.ofMinutes(1));
      return result.output().lines().toList();
    }
  }

  /** Waits for a signal, before or after its job runs. */
  public static final class Waiting {
    private Waiting() {}

    public static void main(String[] arguments) throws InterruptedException {
      LoggerFactory.getLogger(Waiting.class); // logging cannot begin while a process ends
      EarlyStop early = new EarlyStop(System.out::println);
      if (arguments[0].equals("runs")) {
        early.close();
        early.close();
      }
      System.out.println(arguments[0]);
      new CountDownLatch(1).await();
    }
  }
}
