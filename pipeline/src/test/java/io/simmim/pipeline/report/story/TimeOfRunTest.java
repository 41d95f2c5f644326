package io.simmim.pipeline.report.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.report.story.Interruption.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the time of a run went, as its lines tell. */
class TimeOfRunTest {
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
}
