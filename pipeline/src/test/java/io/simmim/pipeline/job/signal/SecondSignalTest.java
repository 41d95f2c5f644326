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

class SecondSignalTest {
  private static final int SIGTERM = 143;

  @TempDir private Path logs;

  @Test
  void endsAProcessThatWouldStopForEver() throws Exception {
    List<String> command =
        List.of(
            ChildProcess.java(),
            "-cp",
            System.getProperty("java.class.path"),
            Endless.class.getName());
    try (ChildProcess process = ChildProcess.start(logs, "endless", Map.of(), command)) {
      awaitOutput(process, "runs");
      process.terminate();
      awaitOutput(process, "stops");
      Awaitility.await("the end")
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                process.terminate();
                return !process.isAlive();
              });
      CommandResult result = process.await(Duration.ofSeconds(30));

      assertThat(result.exitCode()).isEqualTo(SIGTERM);
      assertThat(result.output().lines()).containsExactly("runs", "stops", "ends");
    }
  }

  private static void awaitOutput(ChildProcess process, String line) {
    Awaitility.await(line)
        .atMost(Duration.ofMinutes(1))
        .until(() -> process.output().contains(line));
  }

  /** Its hook never comes to its end. */
  public static final class Endless {
    private Endless() {}

    public static void main(String[] arguments) throws InterruptedException {
      LoggerFactory.getLogger(Endless.class); // logging cannot begin while a process ends
      CountDownLatch never = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    SecondSignal.endsAtOnce(() -> System.out.println("ends"));
                    System.out.println("stops");
                    try {
                      never.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
      System.out.println("runs");
      never.await();
    }
  }
}
