package io.simmim.pipeline.report.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.story.Interruption.Kind;
import io.simmim.pipeline.report.story.RejectedImages.Reason;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReaderTest {
  private static final Instant NOW = StoredRun.BEGINNING.plusSeconds(100);

  @TempDir private Path folder;

  private RunReport read() {
    return RunReader.read(folder.toString(), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @Test
  void addsUpWhereTheTimeWent() throws IOException {
    StoredRun.write(folder);

    StepHistory history = read().history();

    assertThat(history.steps()).isEqualTo(10);
    assertThat(history.lastStep()).isEqualTo(10);
    assertThat(history.imagesSeen()).isEqualTo(80);
    assertThat(history.unreadable()).isZero();
    TimeSpent time = history.time();
    assertThat(time.total()).isEqualTo(Duration.ofSeconds(70));
    assertThat(time.waiting()).isEqualTo(Duration.ofSeconds(5));
    assertThat(time.computing()).isEqualTo(Duration.ofSeconds(5));
    assertThat(time.interrupted().stalled()).isEqualTo(Duration.ofSeconds(60));
    assertThat(time.interrupted().total()).isEqualTo(Duration.ofSeconds(60));
    assertThat(time.goodput()).isEqualTo(10.0 / 70);
    assertThat(time.longest())
        .containsExactly(
            new Interruption(
                StoredRun.INTERRUPTED_AFTER,
                StoredRun.BEGINNING.plusSeconds(StoredRun.INTERRUPTED_AFTER),
                Duration.ofSeconds(60),
                Kind.STALL,
                Duration.ZERO,
                0));
  }

  @Test
  void dividesWhatWasWaitedForWhereTheMetricsTell() throws IOException {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder(StoredRun.step(1, 1, 0.5));
    for (int step = 2; step <= 5; step++) {
      lines.append(StoredRun.divided(StoredRun.step(step, step, 0.5)));
    }
    lines.append(
        StoredRun.divided(StoredRun.step(6, 6, 0.5)).replaceAll("(?<=_wait_share\":)0[.]1", "-3"));
    Files.writeString(folder.resolve("metrics.jsonl"), lines);

    StepHistory history = read().history();

    TimeSpent.Waiting waited = history.time().waited();
    assertThat(waited.fetching()).isEqualTo(Duration.ofSeconds(1));
    assertThat(waited.decoding()).isEqualTo(Duration.ofMillis(600));
    assertThat(waited.network()).isEqualTo(Duration.ofMillis(400));
    assertThat(waited.undivided()).isEqualTo(Duration.ofSeconds(1));
    assertThat(history.time().waiting()).isEqualTo(Duration.ofSeconds(3));
    assertThat(history.waits().fetching().columns()).hasSize(5);
    assertThat(history.waits().all().columns()).hasSize(6);
  }

  /** Which may be shorter than some steps. */
  @Test
  void takesEachRestartForAnInterruption() throws IOException {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= 4; step++) {
      lines.append(StoredRun.step(step, step + (step > 2 ? 3 : 0), 0.5));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines);
    assertThat(read().history().time().interruptions()).isZero();

    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        """
        {"checkpoint":1,"kind":"restart","step":2,"time":"2026-03-01T10:00:04Z"}
        """);

    TimeSpent time = read().history().time();
    assertThat(time.interruptions()).isEqualTo(1);
    assertThat(time.interrupted().undivided()).isEqualTo(Duration.ofSeconds(3));
    assertThat(time.interrupted().total()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void leavesOutRestartsWhoseTimesNobodyCanHaveWritten() throws IOException {
    StoredRun.write(folder);
    long steps = read().history().lastStep();
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        restart(6, 16, "10:00:16.500", "10:00:30")
                .replace("2026-03-01T10:00:30", "-1000000000-01-01T00:00:00")
            + restart(6, 16, "10:00:16.500", "10:00:30")
                .replace("2026-03-01T10:00:16.500", "+1000000000-12-31T23:59:59")
            + restart(6, 8, "10:00:32", "10:00:40"));

    RunReport report = read();

    assertThat(report.history().lastStep()).isEqualTo(steps);
    assertThat(report.history().time().interrupted().lostSteps()).isEqualTo(2);
    assertThat(report.problems()).isEmpty();
  }

  /** After step 6, which ended at 10:00:06; the next one began at 10:01:06. */
  @Test
  void dividesWhatRestartsCostIntoLostWorkAndDowntime() throws IOException {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("checkpoints.jsonl"),
        restart(6, 16, "10:00:16.500", "10:00:30")
            + restart(6, 8, "10:00:32", "10:00:40")
            // Failed before its first step.
            + restart(6, 6, "10:00:40", "10:01:00"));

    TimeSpent time = read().history().time();

    assertThat(time.interruptions()).isEqualTo(1);
    assertThat(time.interrupted().lost()).isEqualTo(Duration.ofMillis(10_500 + 2_000));
    assertThat(time.interrupted().lostSteps()).isEqualTo(10 + 2);
    assertThat(time.interrupted().down()).isEqualTo(Duration.ofMillis(60_000 - 12_500));
    assertThat(time.interrupted().total()).isEqualTo(Duration.ofSeconds(60));
    assertThat(time.goodput()).isEqualTo(10.0 / 70);
    assertThat(time.longest())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.kind()).isEqualTo(Kind.RESTART);
              assertThat(one.lostSteps()).isEqualTo(12);
              assertThat(one.down()).isEqualTo(Duration.ofMillis(47_500));
            });
  }

  /** A note may be older than the checkpoint, and clocks of machines differ. */
  @Test
  void losesNoMoreThanThereIs() throws IOException {
    StoredRun.write(folder);
    Files.writeString(folder.resolve("checkpoints.jsonl"), restart(6, 4, "10:00:04", "10:00:30"));
    assertThat(read().history().time().interrupted().down()).isEqualTo(Duration.ofSeconds(60));

    Files.writeString(folder.resolve("checkpoints.jsonl"), restart(6, 9, "10:05:00", "10:00:30"));
    TimeSpent time = read().history().time();
    assertThat(time.interrupted().lost()).isEqualTo(Duration.ofSeconds(60));
    assertThat(time.interrupted().down()).isZero();
  }

  private static String restart(long step, long reached, String reachedTime, String time) {
    return "{\"checkpoint\":1,\"kind\":\"restart\",\"step\":%d,\"reached_step\":%d,\"reached_time\":\"2026-03-01T%sZ\",\"time\":\"2026-03-01T%sZ\"}\n"
        .formatted(step, reached, reachedTime, time);
  }

  @Test
  void tellsValidationsFromInterruptions() throws IOException {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("validation.jsonl"),
        """
        {"epoch":2,"step":6,"top1":0.25,"top5":0.75,"images":100,"loss":2.0,"time":"2026-03-01T10:01:00Z"}
        {"epoch":4,"step":10,"top1":0.2,"top5":0.8,"images":100,"loss":1.9,"time":"2026-03-01T10:02:00Z"}
        """);

    RunReport report = read();

    assertThat(report.history().time().validating()).isEqualTo(Duration.ofSeconds(60));
    assertThat(report.history().time().interruptions()).isZero();
    assertThat(report.validations().count()).isEqualTo(2);
    assertThat(report.validations().best().orElseThrow().epoch()).isEqualTo(2);
    assertThat(report.validations().last().orElseThrow().top5()).isEqualTo(0.8);
  }

  /** However long they are: a fine-tuning of many epochs has more of them than are kept. */
  @Test
  void validationsTakeNoPlaceOfInterruptions() throws IOException {
    StoredRun.write(folder);
    StringBuilder steps = new StringBuilder();
    StringBuilder validations = new StringBuilder();
    long end = 0;
    for (int step = 1; step <= 61; step++) {
      steps.append(StoredRun.step(step, ++end, 0.5));
      if (step == 30) {
        end += 20;
      } else {
        validations.append("{\"epoch\":%d,\"step\":%d,\"top1\":0.5}\n".formatted(step, step));
        end += 60;
      }
    }
    Files.writeString(folder.resolve("metrics.jsonl"), steps);
    Files.writeString(folder.resolve("validation.jsonl"), validations);

    TimeSpent time = read().history().time();

    assertThat(time.interruptions()).isOne();
    assertThat(time.longest()).extracting(Interruption::afterStep).containsExactly(30L);
    assertThat(time.validating()).isEqualTo(Duration.ofMinutes(59));
  }

  /** All its images were rejected: 0 is written for what there is not. */
  @Test
  void aStepWithoutAnImageHasNoLoss() throws IOException {
    StoredRun.write(folder);
    String empty =
        StoredRun.step(2, 2, 0)
            .replace("\"images\":8", "\"images\":0")
            .replace("gradient_norm\":2.5", "gradient_norm\":0.0");
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        StoredRun.step(1, 1, 0.7) + empty + StoredRun.step(3, 3, 0.6));

    StepHistory history = read().history();

    assertThat(history.steps()).isEqualTo(3);
    assertThat(history.loss().least()).isEqualTo(0.6);
    assertThat(history.gradientNorm().least()).isEqualTo(2.5);
    assertThat(history.loss().notNumbers()).as("it has not diverged").isZero();
    assertThat(history.learningRate().columns()).hasSize(3);
  }

  @Test
  void countsRejectedImagesByLikeReasons() throws IOException {
    StoredRun.write(folder);

    RejectedImages rejected = read().rejected();

    assertThat(rejected.total()).isEqualTo(3);
    assertThat(rejected.reasons())
        .extracting(Reason::text)
        .containsExactly("truncated after … bytes", "no <b>JPEG</b>");
    assertThat(rejected.reasons()).extracting(Reason::count).containsExactly(2L, 1L);
    assertThat(rejected.reasons().get(0).examples().get(0).uri()).isEqualTo(StoredRun.HOSTILE);
  }

  @Test
  void boundsReasonsAndExamples() throws IOException {
    StoredRun.write(folder);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      lines.append("{\"uri\":\"u\",\"reason\":\"%s\"}\n".formatted("x".repeat(i + 1)));
    }
    Files.writeString(folder.resolve("rejected.jsonl"), lines);

    RejectedImages rejected = read().rejected();

    assertThat(rejected.total()).isEqualTo(300);
    assertThat(rejected.reasons()).hasSize(RejectedImages.MOST_REASONS + 1);
    assertThat(rejected.reasons().get(0).text()).isEqualTo("other reasons");
    assertThat(rejected.reasons().get(0).examples()).hasSize(RejectedImages.MOST_EXAMPLES);
  }

  @Test
  void readsFoldersOfLines() throws IOException {
    StoredRun.write(folder);
    Path lines = folder.resolve("metrics.jsonl");
    Files.delete(lines);
    Files.createDirectories(lines);
    Files.writeString(lines.resolve("00000001.jsonl"), StoredRun.step(2, 2, 0.5));
    Files.writeString(lines.resolve("00000000.jsonl"), StoredRun.step(1, 1, 0.7));
    Files.writeString(lines.resolve("00000002.jsonl.next"), StoredRun.step(3, 3, 0.3));

    assertThat(read().history().lastStep()).isEqualTo(3);
    assertThat(read().history().loss().most()).isEqualTo(0.7);
  }

  @Test
  void countsLinesThatAreNoneOfOurs() throws IOException {
    StoredRun.write(folder);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        StoredRun.step(1, 1, 0.7)
            + "\u0000\n[]\n"
            + StoredRun.step(1, 2, 0.6)
            + "{\"step\":2}\n"
            + "x".repeat(1 << 21)
            + "\n"
            + StoredRun.step(2, 2, 0.5));

    StepHistory history = read().history();

    assertThat(history.steps()).isEqualTo(2);
    assertThat(history.unreadable()).isEqualTo(4);
  }

  @Test
  void tellsHowTheRunStands() throws IOException {
    StoredRun.write(folder);
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.SILENT);
    assertThat(read().goal().steps()).hasValue(10);
    assertThat(read().goal().epochs()).hasValue(5);

    Path lock = folder.resolve("run.lock");
    String lease =
        "{\"format-version\":1,\"owner\":\"a\",\"holder\":\"b\",\"renewals\":1,\"host\":\"h\","
            + "\"since\":\"2026-03-01T10:00:00Z\",\"free\":%s}";
    Files.writeString(lock, lease.formatted(false));
    Files.setLastModifiedTime(lock, FileTime.from(NOW.minusSeconds(10)));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.UNDER_WAY);
    Files.setLastModifiedTime(lock, FileTime.from(NOW.minusSeconds(100)));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.SILENT);
    Files.writeString(lock, lease.formatted(true));
    assertThat(read().state().kind()).isEqualTo(RunState.Kind.STOPPED);

    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/model.safetensors"), "12345");
    RunReport report = read();
    assertThat(report.state().kind()).isEqualTo(RunState.Kind.FINISHED);
    assertThat(report.stored().models())
        .singleElement()
        .satisfies(model -> assertThat(model.bytes()).isEqualTo(5));
  }

  @Test
  void namesTheNearestPreset() throws IOException {
    StoredRun.write(folder);

    ComparedConfig config = read().config().orElseThrow();

    assertThat(config.preset()).hasValue("vit-tiny");
    assertThat(config.keys())
        .filteredOn(ComparedConfig.Key::differsFromPreset)
        .extracting(ComparedConfig.Key::path)
        .containsExactly(
            "data.input",
            "flink.s3.secret-key",
            "output",
            "schedule.warmup-epochs",
            "training.epochs",
            "training.micro-batch");
    assertThat(config.keys()).noneMatch(key -> key.value().contains("hush"));
    assertThat(read().masks()).contains("AvgDist");
  }

  @Test
  void tellsTheRestWhereAPartIsDamaged() throws IOException {
    StoredRun.write(folder);
    Files.writeString(folder.resolve("config.resolved.yaml"), "nonsense: 1\n");
    Files.writeString(folder.resolve("run.json"), "{", StandardOpenOption.TRUNCATE_EXISTING);

    RunReport report = read();

    assertThat(report.history().steps()).isEqualTo(10);
    assertThat(report.config()).isEmpty();
    assertThat(report.problems()).hasSize(2);
    assertThat(report.problems().get(0))
        .startsWith("config.resolved.yaml cannot be read: unknown key");
  }

  @Test
  void refusesWhatIsNoRun() throws IOException {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> RunReader.read(nowhere.toString(), Clock.systemUTC()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no run in %s (allowed: the output of a run, a folder with run.json or metrics.jsonl)"
                .formatted(nowhere));
    assertThat(nowhere).doesNotExist();
  }
}
