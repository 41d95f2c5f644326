package io.simmim.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.mlflow.Telling.Pauses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read heeds no interrupt
class TellingTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Pauses SHORT = new Pauses(Duration.ofMillis(1), Duration.ofMillis(50));

  @TempDir private Path output;
  private final List<String> said = new CopyOnWriteArrayList<>();
  @RegisterExtension private final TrackingServer server = new TrackingServer();

  private Telling telling(URI address, Pauses pauses) {
    return telling(address, pauses, said::add);
  }

  private Telling telling(URI address, Pauses pauses, Consumer<String> say) {
    MlflowTarget target =
        new MlflowTarget(address, "trials", output.toUri().toString(), "run", Map.of(), Map.of());
    MlflowRun run = new MlflowRun(target, new MlflowServer(address, Map.of(), LONG));
    Telling telling = new Telling(run, address.toString(), pauses, say);
    telling.start();
    return telling;
  }

  private void take(long step) throws IOException {
    Files.writeString(
        output.resolve("metrics.jsonl"),
        "{\"step\":%d,\"epoch\":0,\"loss\":0.5,\"time\":\"2026-01-02T03:04:05Z\"}\n"
            .formatted(step),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private List<Long> steps() {
    return server.runs().isEmpty() ? List.of() : server.runs().get(0).steps("train/loss");
  }

  private void awaitSteps(Long... steps) {
    Awaitility.await("steps").atMost(LONG).until(() -> steps().equals(List.of(steps)));
  }

  private void awaitSaid(int lines) {
    Awaitility.await("lines").atMost(LONG).until(() -> said.size() >= lines);
  }

  private String page() {
    return "MLflow: %s/#/experiments/1/runs/%032x".formatted(server.address(), 1);
  }

  @Test
  void stepsAreToldWhileTheRunGoesOnAndItsEndAfterThem() throws Exception {
    try (Telling telling = telling(server.address(), SHORT)) {
      take(1);
      telling.upTo(1);
      awaitSteps(1L);
      take(2);
      telling.upTo(2);

      telling.finish(LONG);

      assertThat(steps()).containsExactly(1L, 2L);
      assertThat(server.runs().get(0).status()).isEqualTo("FINISHED");
      assertThat(said).containsExactly(page());
    }
  }

  /** It goes on from a checkpoint of its last step, so no other step comes. */
  @Test
  void aRunThatEndsWithoutTakingAStepTellsThoseThatWereMissed() throws Exception {
    take(1);
    take(2);
    try (Telling telling = telling(server.address(), SHORT)) {
      telling.upTo(0);

      telling.finish(LONG);
    }

    assertThat(steps()).containsExactly(1L, 2L);
    assertThat(server.runs().get(0).status()).isEqualTo("FINISHED");
  }

  @Test
  void aServerThatIsAwayIsToldLaterAndPeopleHearOfItOnce() throws Exception {
    try (Telling telling = telling(server.address(), SHORT)) {
      take(1);
      telling.upTo(1);
      awaitSteps(1L);
      server.goAway();
      take(2);
      telling.upTo(2);
      awaitSaid(2);
      take(3);
      telling.upTo(3);
      server.comeBack();

      awaitSteps(1L, 2L, 3L);
      awaitSaid(3);
      assertThat(said)
          .containsExactly(
              page(),
              "MLflow at %s cannot be told of the run: no connection; training goes on, and it is told later"
                  .formatted(server.address()),
              "MLflow at %s is told again".formatted(server.address()));
    }
  }

  @Test
  void aServerThatFailsIsAskedAgain() throws Exception {
    server.failWith(503);
    try (Telling telling = telling(server.address(), SHORT)) {
      take(1);
      telling.upTo(1);
      Awaitility.await("tries").atMost(LONG).until(() -> server.calls().size() > 5);
      server.failWith(0);

      awaitSteps(1L);
    }
    assertThat(said.get(0)).contains("cannot be told of the run: it answers HTTP 503");
  }

  @Test
  void aServerThatRefusesIsLeftAlone() throws Exception {
    try (Telling telling = telling(server.address(), SHORT)) {
      take(1);
      telling.upTo(1);
      awaitSteps(1L);
      server.deleteRuns();
      take(2);
      telling.upTo(2);
      awaitSaid(2);
      int calls = server.calls().size();
      telling.upTo(3);
      telling.finish(LONG);

      assertThat(server.calls()).hasSize(calls);
      assertThat(said)
          .containsExactly(
              page(),
              "MLflow at %s refuses what it is told after step 1: The run %032x must be in the 'active' state. Current state is deleted."
                  .formatted(server.address(), 1),
              "MLflow at %s was not told all of the run; the same command tells the rest"
                  .formatted(server.address()));
    }
  }

  /** However long it would be waited before the next try. */
  @Test
  void theEndOfARunDoesNotWaitForAServerThatIsAway() throws Exception {
    server.goAway();
    Pauses forEver = new Pauses(Duration.ofDays(1), Duration.ofDays(1));
    try (Telling telling = telling(server.address(), forEver)) {
      take(1);
      telling.upTo(1);
      awaitSaid(1);

      telling.finish(Duration.ofDays(1));

      assertThat(said)
          .hasSize(2)
          .last()
          .isEqualTo(
              "MLflow at %s was not told all of the run; the same command tells the rest"
                  .formatted(server.address()));
    }
  }

  @Test
  void aServerThatDoesNotAnswerHoldsUpNeitherTheRunNorItsEnd() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Telling telling = telling(URI.create("http://127.0.0.1:" + silent.getLocalPort()), SHORT)) {
      telling.upTo(1);
      silent.accept();

      telling.finish(Duration.ofMillis(10));

      assertThat(said).singleElement().asString().contains("was not told all of the run");
    }
  }

  @Test
  void aTaskThatEndsInBetweenWaitsForNothing() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Telling telling = telling(URI.create("http://127.0.0.1:" + silent.getLocalPort()), SHORT)) {
      telling.upTo(1);
      silent.accept();
    }
    assertThat(said).isEmpty();
  }

  @Test
  void aTaskThatEndsWhileAnAnswerComesDoesNotWaitForItsRest() throws Exception {
    try (HalfAnswer half = new HalfAnswer();
        Telling telling = telling(half.address(), SHORT)) {
      telling.upTo(1);
      half.awaitAnswered();
    }
    assertThat(said).isEmpty();
  }

  /** Such as a client of storage that swallows interrupts. */
  @Test
  void aTaskThatEndsLeavesBehindWhatHeedsNoInterruptAndThatTellsNoMore() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    Telling telling = telling(server.address(), SHORT, line -> sayUnlessInterrupted(line, goOn));
    telling.upTo(1);
    awaitSaid(1);

    telling.close();

    goOn.countDown();
    telling.finish(LONG);
    assertThat(server.runs().get(0).status()).isEqualTo("RUNNING");
  }

  private void sayUnlessInterrupted(String line, CountDownLatch goOn) {
    said.add(line);
    boolean heeded = false;
    while (!heeded) {
      try {
        goOn.await();
        heeded = true;
      } catch (InterruptedException e) {
        heeded = false; // swallowed
      }
    }
  }
}
