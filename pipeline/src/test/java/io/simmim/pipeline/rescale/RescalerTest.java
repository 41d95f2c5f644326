package io.simmim.pipeline.rescale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.simmim.pipeline.rescale.RunningJobs.Found;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a JobManager answers is written down here, look by look; that one answers so is tested on a
 * real one in {@code MonitoringITCase}.
 */
@Timeout(60)
class RescalerTest {
  private static final String RUN = "simmim /runs/a";
  private static final String OTHER = "simmim /runs/b";
  private static final String EMBEDS = "simmim embed /rows";

  private final Deque<String> overviews = new ArrayDeque<>();
  private final List<String> said = new ArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Deque<Long> steps = new ArrayDeque<>(List.of(7L));
  private String checkpoints = "{\"latest\":{}}";
  private String number = ""; // before the names of vertices
  private HttpServer jobManager;

  @TempDir private Path work;

  @BeforeEach
  void start() throws IOException {
    jobManager = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    jobManager.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().toString();
          asked.add(path);
          byte[] answer = answer(path).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    jobManager.start();
  }

  @AfterEach
  void stop() {
    jobManager.stop(0);
  }

  /** Four decoders that work all the time for a trainer that waits half of its time. */
  private String answer(String path) {
    if (path.endsWith("/jobs/overview")) {
      return overviews.size() > 1 ? overviews.remove() : overviews.element();
    }
    if (path.contains("busyTimeMsPerSecond")) {
      return "[{\"id\":\"busyTimeMsPerSecond\",\"avg\":1000.0}]";
    }
    if (path.contains("dataWaitShare")) {
      return "[{\"id\":\"trainer.dataWaitShare\",\"avg\":0.5}]";
    }
    if (path.contains("trainer.step")) {
      return "[{\"id\":\"trainer.step\",\"avg\":%d.0}]"
          .formatted(steps.size() > 1 ? steps.remove() : steps.element());
    }
    if (path.endsWith("/checkpoints")) {
      return checkpoints;
    }
    return ("{\"vertices\":[{\"id\":\"v1\",\"name\":\"%1$sdecode, augment\",\"parallelism\":4},"
            + "{\"id\":\"v2\",\"name\":\"%1$strainer\",\"parallelism\":1}]}")
        .formatted(number);
  }

  private static String jobs(String... namesAndStates) {
    List<String> jobs = new ArrayList<>();
    for (int i = 0; i < namesAndStates.length; i += 2) {
      jobs.add(
          "{\"jid\":\"job%d\",\"name\":\"%s\",\"state\":\"%s\",\"start-time\":%d}"
              .formatted(i, namesAndStates[i], namesAndStates[i + 1], i));
    }
    return "{\"jobs\":[" + String.join(",", jobs) + "]}";
  }

  /** Of a job whose last savepoint and last checkpoint have these numbers. */
  private static String latest(String kindOfSavepoint, int savepoint, int checkpoint) {
    return ("{\"latest\":{\"completed\":{\"id\":%d,\"checkpoint_type\":\"CHECKPOINT\"},"
            + "\"savepoint\":{\"id\":%d,\"checkpoint_type\":\"%s\","
            + "\"external_path\":\"file:/runs/a/savepoints/s\"}}}")
        .formatted(checkpoint, savepoint, kindOfSavepoint);
  }

  private Rescaler rescaler(int window, Optional<String> output, Optional<String> command) {
    return new Rescaler(
        new RunningJobs("127.0.0.1:" + jobManager.getAddress().getPort()),
        output,
        new ScalingRule(1, 64),
        new Rescaler.Pace(Duration.ofMillis(10), window),
        command.map(ScalingCommand::new),
        said::add);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[vertex-2]"})
  void saysWhatWouldBeRight(String numberOfVertex) throws Exception {
    number = numberOfVertex;
    overviews.add(jobs(RUN, "RUNNING"));

    rescaler(2, Optional.empty(), Optional.empty()).watch(true);

    assertThat(said)
        .containsExactly(
            "watching simmim /runs/a (job0)",
            "4 decoders work 100 % of the time, the trainer waits 50 %: too few; 8 would be right");
  }

  @Test
  void tellsTheCommandWhichJobAndHowMany() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));

    rescaler(1, Optional.empty(), Optional.of("test $SIMMIM_JOB-$SIMMIM_PARALLELISM = job0-8"))
        .watch(true);

    assertThat(said).endsWith("restarted with 8");
  }

  @Test
  void watchesOnWhenTheCommandFails() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));
    overviews.add(jobs(RUN, "RUNNING"));
    overviews.add(jobs(RUN, "FINISHED"));

    rescaler(1, Optional.of("/runs/a"), Optional.of("exit 3")).watch(false);

    assertThat(said)
        .filteredOn("the command ended with exit code 3; the job is watched on"::equals)
        .hasSize(2);
    assertThat(said).endsWith("finished: " + RUN);
  }

  @Test
  void hasARunStartedAgainThatTheCommandStoppedBeforeItFailed() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));
    overviews.add(jobs(RUN, "FINISHED"));
    checkpoints = latest("SYNC_SAVEPOINT", 5, 4);
    Path told = work.resolve("told");
    String command =
        "echo $SIMMIM_JOB $SIMMIM_PARALLELISM $SIMMIM_SAVEPOINT >> %s; test $(wc -l < %s) = 3"
            .formatted(told, told);

    rescaler(1, Optional.empty(), Optional.of(command)).watch(true);

    assertThat(told)
        .hasContent("job0 8\n" + "job0 8 file:/runs/a/savepoints/s\n".repeat(2).strip());
    assertThat(said)
        .filteredOn("the command ended with exit code 1; the job is watched on"::equals)
        .hasSize(2);
    assertThat(said).endsWith("restarted with 8").noneMatch(line -> line.startsWith("finished"));
  }

  @Test
  void endsAfterOneDecisionWhoseCommandLeftTheJobAsItWas() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));

    rescaler(1, Optional.empty(), Optional.of("exit 3")).watch(true);

    assertThat(said).endsWith("the command ended with exit code 3; the job is watched on");
  }

  @Test
  void doesNotTakeARunThatSomebodyStoppedForAFinishedOne() {
    overviews.add(jobs(RUN, "FINISHED"));
    checkpoints = latest("SYNC_SAVEPOINT", 5, 4);

    assertThatThrownBy(
            () -> rescaler(1, Optional.of("/runs/a"), Optional.of("exit 0")).watch(false))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the run does not run: it was stopped with the savepoint file:/runs/a/savepoints/s");
    assertThat(said).isEmpty();
  }

  @Test
  void takesARunForFinishedWhateverSavepointsItHadOnTheWay() throws Exception {
    overviews.add(jobs(RUN, "FINISHED"));
    for (String latest : List.of(latest("SAVEPOINT", 5, 4), latest("SYNC_SAVEPOINT", 4, 5))) {
      checkpoints = latest;
      rescaler(1, Optional.of("/runs/a"), Optional.empty()).watch(false);
    }

    assertThat(said).containsExactly("finished: " + RUN, "finished: " + RUN);
  }

  @Test
  void knowsTheRunThatItWatchesByItsOutputWhenThatHasFinished() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));
    overviews.add(jobs(OTHER, "RUNNING", RUN, "FINISHED"));

    rescaler(2, Optional.empty(), Optional.empty()).watch(false);

    assertThat(said).endsWith("finished: " + RUN);
  }

  @Test
  void refusesAnAnswerThatIsLongerThanAnyOfAJobManager() {
    overviews.add(" ".repeat(17 << 20));

    assertThatThrownBy(() -> rescaler(1, Optional.empty(), Optional.empty()).watch(true))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot ask the JobManager: http://127.0.0.1:%d/jobs/overview answers 16777216 bytes or"
                + " more, which no JobManager does",
            jobManager.getAddress().getPort());
  }

  /** Two looks before a restart and one after it are not three of the same job. */
  @Test
  void beginsToLookAnewAfterARestart() throws Exception {
    for (int i = 0; i < 3; i++) {
      overviews.add(jobs(RUN, "RUNNING"));
      overviews.add(jobs(RUN, "RUNNING"));
      overviews.add(jobs(RUN, "RESTARTING"));
    }
    overviews.add(jobs(RUN, "FINISHED"));

    rescaler(3, Optional.of("/runs/a"), Optional.empty()).watch(false);

    assertThat(said).containsExactly("watching simmim /runs/a (job0)", "finished: " + RUN);
  }

  /** The first step after a start may take minutes: all decoders are idle then, and none waits. */
  @Test
  void beginsToLookWhenTheTrainerHasTakenAStep() throws Exception {
    for (int i = 0; i < 3; i++) {
      overviews.add(jobs(RUN, "RUNNING"));
    }
    overviews.add(jobs(RUN, "FINISHED"));
    steps.addFirst(0L);

    rescaler(3, Optional.of("/runs/a"), Optional.empty()).watch(false);

    assertThat(said).containsExactly("watching simmim /runs/a (job0)", "finished: " + RUN);
  }

  @Test
  void takesNoJobForARunThatTrainsNothing() throws Exception {
    overviews.add(jobs(EMBEDS, "RUNNING", "other", "RUNNING", RUN, "RUNNING"));

    rescaler(1, Optional.empty(), Optional.empty()).watch(true);

    assertThat(said).first().isEqualTo("watching simmim /runs/a (job4)");
  }

  /** The name of the job has the output as a run writes it. */
  @Test
  void knowsARunByItsOutputHoweverThatIsWritten() throws Exception {
    for (String output : List.of("/runs/a/", "file:///runs/a", "/runs/./b/../a")) {
      overviews.add(jobs(OTHER, "RUNNING", RUN, "RUNNING"));
      rescaler(1, Optional.of(output), Optional.empty()).watch(true);
    }
    overviews.clear();
    overviews.add(jobs("simmim s3://runs/a", "RUNNING", RUN, "RUNNING"));
    rescaler(1, Optional.of("s3://runs/a/"), Optional.empty()).watch(true);

    assertThat(said)
        .filteredOn(line -> line.startsWith("watching"))
        .containsExactly(
            "watching simmim /runs/a (job2)",
            "watching simmim /runs/a (job2)",
            "watching simmim /runs/a (job2)",
            "watching simmim s3://runs/a (job0)");
  }

  @Test
  void saysThatAnotherServerAnswersThanAJobManager() {
    overviews.add("<html>\n<body>Welcome</body></html>");

    assertThatThrownBy(() -> rescaler(1, Optional.empty(), Optional.empty()).watch(true))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "cannot ask the JobManager: http://127.0.0.1:%d/jobs/overview answers as no JobManager does",
            jobManager.getAddress().getPort());
  }

  /** As behind an ingress, which gives each cluster a path. */
  @Test
  void asksAJobManagerBelowAPath() throws Exception {
    overviews.add(jobs(RUN, "RUNNING"));

    String rest = "http://127.0.0.1:%d/flink/".formatted(jobManager.getAddress().getPort());
    Found found = new RunningJobs(rest).find(Optional.empty());

    assertThat(((Found.Running) found).job().name()).isEqualTo(RUN);
    assertThat(asked).containsExactly("/flink/jobs/overview");
  }

  @Test
  void asksWhichOfSeveral() throws Exception {
    overviews.add(jobs(RUN, "RUNNING", OTHER, "RUNNING"));

    assertThatThrownBy(() -> rescaler(1, Optional.empty(), Optional.empty()).watch(true))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "several runs are on this cluster, say which with --output: simmim /runs/a, simmim"
                + " /runs/b");
    rescaler(1, Optional.of("/runs/b"), Optional.empty()).watch(true);
    assertThat(said).first().isEqualTo("watching simmim /runs/b (job2)");
  }

  /** What shows nothing, or tells a terminal something. */
  @Test
  void showsNamesOfJobsByTheirCodePoints() throws Exception {
    overviews.add(jobs("simmim /runs/\\u001b[31m\\u202ea", "RUNNING"));

    rescaler(1, Optional.empty(), Optional.empty()).watch(true);

    assertThat(said).first().isEqualTo("watching simmim /runs/\\u{1b}[31m\\u{202e}a (job0)");
  }

  @Test
  void saysThatNobodyAnswers() {
    jobManager.stop(0);

    assertThatThrownBy(() -> rescaler(1, Optional.empty(), Optional.empty()).watch(true))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("cannot ask the JobManager: http://");
    assertThatThrownBy(() -> new RunningJobs("ftp://x"))
        .isInstanceOf(UserError.class)
        .hasMessageEndingWith(": ftp://x");
  }
}
