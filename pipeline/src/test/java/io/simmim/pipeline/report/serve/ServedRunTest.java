package io.simmim.pipeline.report.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.report.story.StoredRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedRunTest {
  @TempDir private Path folder;

  @Test
  void readsAgainAfterSomeSecondsAndNoSooner() throws Exception {
    StoredRun.write(folder);
    SlowClock clock = new SlowClock(Duration.ofMillis(1));
    ServedRun run = new ServedRun(folder.toString(), clock, clock::nanoTime);
    assertThat(run.report(1).history().lastStep()).isEqualTo(10);
    Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

    clock.pass(Duration.ofSeconds(3));
    assertThat(run.report(1).history().lastStep()).isEqualTo(10);

    clock.pass(Duration.ofSeconds(2));
    assertThat(run.report(1).history().lastStep()).isEqualTo(1);
  }

  @Test
  void goesOnReadingWhenTheClockIsSet() throws Exception {
    for (Duration later : List.of(Duration.ofDays(1), Duration.ofDays(-1))) {
      StoredRun.write(folder);
      SlowClock clock = new SlowClock(Duration.ofMillis(1));
      ServedRun run = new ServedRun(folder.toString(), clock, clock::nanoTime);
      run.report(1);
      Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

      clock.set(later);
      clock.pass(Duration.ofSeconds(3));
      assertThat(run.report(1).history().lastStep()).isEqualTo(10);

      clock.pass(Duration.ofSeconds(2));
      assertThat(run.report(1).history().lastStep()).isEqualTo(1);
    }
  }

  @Test
  void readsManyRunsTheMoreSeldom() throws Exception {
    StoredRun.write(folder);
    SlowClock clock = new SlowClock(Duration.ofMillis(100));
    ServedRun run = new ServedRun(folder.toString(), clock, clock::nanoTime);
    Instant begin = clock.now();
    run.report(50);
    Duration took = Duration.between(begin, clock.now()).minusMillis(100);
    Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

    clock.pass(took.multipliedBy(900));
    assertThat(run.report(50).history().lastStep()).isEqualTo(10);

    clock.pass(took.multipliedBy(100));
    assertThat(run.report(50).history().lastStep()).isEqualTo(1);
  }

  @Test
  void spendsATwentiethOfTheTimeOnReadingAtMost() throws Exception {
    StoredRun.write(folder);
    SlowClock clock = new SlowClock(Duration.ofSeconds(5));
    ServedRun run = new ServedRun(folder.toString(), clock, clock::nanoTime);
    Instant begin = clock.now();
    run.report(1);
    Duration took = Duration.between(begin, clock.now()).minusSeconds(5);
    Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

    clock.pass(took.multipliedBy(18));
    assertThat(run.report(1).history().lastStep()).isEqualTo(10);

    clock.pass(took.multipliedBy(2));
    assertThat(run.report(1).history().lastStep()).isEqualTo(1);
  }
}
