package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.report.story.Interruption;
import io.simmim.pipeline.report.story.Interruption.Kind;
import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/simmim pretrain} onto an existing output continues by itself. */
@Timeout(600)
class LocalResumeITCase {
  private static final int EPOCHS = 10;

  /** Exit code of a process that SIGTERM ended. */
  private static final int SIGTERM = 128 + 15;

  /** Where an event comes to a task just after it failed, Flink may hear of that alone. */
  private static final String UNHEARD = "the task had failed before, and Flink has not heard why";

  @TempDir static Path work;
  private static CommandLine simmim;
  private static Workload workload;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException, InterruptedException {
    simmim = new CommandLine("local-resume", GatedFiles.environment());
    workload = Workload.prepare(work, EPOCHS).gated();
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(workload.pretrain(undisturbed)).orFail();
    assertThat(undisturbed.lastStep()).isEqualTo((long) EPOCHS * Workload.STEPS_PER_EPOCH);
  }

  @Test
  void continuesWhenTheSameCommandIsGivenAgainAfterKill() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    try (ChildProcess process = startToTheMiddle(simmim, output)) {
      Awaitility.await("a checkpoint").until(() -> !output.checkpoints().isEmpty());
      process.kill();
    }
    workload.gate().open();
    JsonNode noted = new ObjectMapper().readTree(output.path().resolve("progress.json").toFile());
    assertThat(noted.required("step").asLong()).isBetween(0L, output.lastStep());

    CommandResult result = InThisProcess.run(workload.pretrain(output)).orFail();

    assertThat(result.output()).contains(output.model().getParent().toString());
    assertCost(output, noted);
    output.assertSameAs(undisturbed);
    Matcher restored = Pattern.compile("continuing from .*/chk-(\\d+)").matcher(result.output());
    assertThat(restored.find()).isTrue();
    long last = Long.parseLong(restored.group(1));
    assertThat(output.checkpoints()).contains(last, last + 1);
  }

  /** The steps between the checkpoint and the note are lost; so is the time of training them. */
  private static void assertCost(RunOutput output, JsonNode noted) throws IOException {
    JsonNode restart = output.restarts().stream().reduce((first, second) -> second).orElseThrow();
    assertThat(restart.required("reached_step")).isEqualTo(noted.required("step"));
    assertThat(restart.required("reached_time")).isEqualTo(noted.required("time"));
    long kept = restart.required("step").asLong();
    RunReport report = RunReader.read(output.path().toString(), Clock.systemUTC());
    Interruption cost =
        report.history().time().longest().stream()
            .filter(one -> one.kind() == Kind.RESTART)
            .findFirst()
            .orElseThrow();
    assertThat(cost.afterStep()).isEqualTo(kept);
    assertThat(cost.lostSteps()).isEqualTo(Math.max(0, noted.required("step").asLong() - kept));
    Instant reached = Instant.parse(noted.required("time").asText());
    Duration lost = Duration.between(cost.from(), reached);
    assertThat(cost.lost()).isEqualTo(cost.lostSteps() > 0 ? lost : Duration.ZERO);
    assertThat(cost.down()).isPositive().isEqualTo(cost.lasted().minus(cost.lost()));
  }

  @Test
  void continuesFromTheSavepointThatATerminationTakes() throws Exception {
    RunOutput output = new RunOutput(work.resolve("terminated"));
    try (ChildProcess process =
        startToTheMiddle(simmim, output, "--set", "checkpoint.interval=1h")) {
      process.terminate();
      assertThat(process.await(Duration.ofMinutes(3)).output()).contains("saved in");
    }
    workload.gate().open();
    assertThat(output.path().resolve("suspects")).as("no process was killed").doesNotExist();

    CommandResult result = InThisProcess.run(workload.pretrain(output)).orFail();

    assertThat(result.output())
        .contains("continuing from", "savepoint")
        .doesNotContain("the process before this one");
    output.assertSameAs(undisturbed);
  }

  @Test
  void endsItsJobWhereNoSavepointCanBeTaken() throws Exception {
    RunOutput output = new RunOutput(work.resolve("unsaved"));
    try (ChildProcess process = startToTheMiddle(simmim, output)) {
      Path savepoints = output.path().resolve("savepoints");
      Files.deleteIfExists(savepoints);
      Files.createFile(savepoints);
      process.terminate();
      CommandResult result = process.await(Duration.ofMinutes(3));
      assertThat(result.output())
          .contains(
              "no savepoint could be taken (FileAlreadyExistsException: ",
              "; what came after the newest checkpoint is done again (cannot list ",
              "the same command continues");
      assertThat(result.errors()).as("of Flink's own").doesNotContain("WARN");
      assertThat(result.exitCode()).as(result::errors).isEqualTo(SIGTERM);
      Files.delete(savepoints);
    }
    workload.gate().open();
    assertThat(LeaseRecord.read(RunFolder.open(output.path().toString()).lock()))
        .hasValueSatisfying(lease -> assertThat(lease.free()).as("given back").isTrue());
    assertThat(output.path().resolve("suspects")).as("no process was killed").doesNotExist();

    InThisProcess.run(workload.pretrain(output)).orFail();

    output.assertSameAs(undisturbed);
  }

  @Test
  void saysWhyItRestartsAndGoesOnWhenTheImagesAreBack() throws Exception {
    RunOutput output = new RunOutput(work.resolve("away"));
    Path images = workload.images();
    Path away = images.resolveSibling("away-images");
    Path log = work.resolve("away.log");
    CommandLine logged =
        new CommandLine("away", GatedFiles.environment(Map.of("SIMMIM_LOG", log.toString())));
    try (ChildProcess process = startToTheMiddle(logged, output, "--set", "fetch.attempts=1")) {
      Files.move(images, away);
      workload.gate().open();
      try {
        Awaitility.await("two restarts, with the reason")
            .atMost(Duration.ofMinutes(3))
            .until(() -> !process.isAlive() || tellsWhy(process.output()));
      } finally {
        Files.move(away, images);
      }
      CommandResult result = process.await(Duration.ofMinutes(3)).orFail();

      List<String> restarts =
          result.output().lines().filter(line -> line.startsWith("restart ")).toList();
      assertThat(restarts)
          .allSatisfy(
              line ->
                  assertThat(line)
                      .contains("Source: images")
                      .containsAnyOf("cannot read " + workload.input(), UNHEARD));
      assertThat(restarts.get(0)).endsWith("; tries again in 1 s (try 1 of 20 in a row)");
      assertThat(restarts.get(1)).startsWith("restart 2: ");
    }
    output.assertSameAs(undisturbed);
    assertThat(log)
        .content()
        .contains("cannot read " + workload.input())
        .as("no image is blamed for storage that is away")
        .doesNotContain("tried one at a time");
  }

  /** Flink closes what tasks need to start anew, so there is nothing to wait for. */
  @Test
  void endsAtOnceWhereItIsToldToWhileItWaitsForItsNextTry() throws Exception {
    RunOutput output = new RunOutput(work.resolve("between"));
    Path images = workload.images();
    Path away = images.resolveSibling("images-elsewhere");
    // A first failure makes no image a suspect, each of which would be tried in a process.
    String[] longWait = {
      "--set",
      "fetch.attempts=1",
      "--set",
      "flink.restart-strategy.exponential-delay.initial-backoff=5min"
    };
    try (ChildProcess process = startToTheMiddle(simmim, output, longWait)) {
      Files.move(images, away);
      workload.gate().open();
      try {
        Awaitility.await("a wait of five minutes")
            .atMost(Duration.ofMinutes(3))
            .until(() -> !process.isAlive() || process.output().contains("restart 1: "));
        process.terminate();
        CommandResult result = process.await(Duration.ofMinutes(3));

        assertThat(result.exitCode()).as(result::errors).isEqualTo(SIGTERM);
        assertThat(result.output())
            .contains(
                "no savepoint could be taken (the job has failed, and its next try does not begin"
                    + " in a process that ends); ",
                "the same command continues");
      } finally {
        Files.move(away, images);
      }
    }
    InThisProcess.run(workload.pretrain(output)).orFail();

    output.assertSameAs(undisturbed);
  }

  private static boolean tellsWhy(String said) {
    return said.contains("restart 2: ") && said.contains("cannot read " + workload.input());
  }

  @Test
  void saysThatACompleteRunIsComplete() throws Exception {
    List<String> before = undisturbed.metrics().stream().map(Object::toString).toList();

    CommandResult result = InThisProcess.run(workload.pretrain(undisturbed)).orFail();

    assertThat(result.output()).contains("complete");
    assertThat(undisturbed.metrics().stream().map(Object::toString)).isEqualTo(before);
  }

  private static ChildProcess startToTheMiddle(
      CommandLine launcher, RunOutput output, String... more) throws IOException {
    workload.waitAfter(EPOCHS / 2);
    ChildProcess process = launcher.start(workload.pretrain(output, more));
    Awaitility.await("the middle of the run")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> !process.isAlive() || output.lastStep() >= EPOCHS / 2 * Workload.STEPS_PER_EPOCH);
    assertThat(process.isAlive()).as(process::errors).isTrue();
    return process;
  }
}
