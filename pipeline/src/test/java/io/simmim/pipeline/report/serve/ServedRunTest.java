package io.simmim.pipeline.report.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.report.story.StoredRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedRunTest {
  @TempDir private Path folder;

  @Test
  void readsAgainAfterSomeSecondsAndNoSooner() throws Exception {
    StoredRun.write(folder);
    SlowClock clock = new SlowClock(Duration.ofMillis(1));
    ServedRun run = new ServedRun(folder.toString(), clock);
    assertThat(run.report().history().lastStep()).isEqualTo(10);
    Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

    clock.pass(Duration.ofSeconds(3));
    assertThat(run.report().history().lastStep()).isEqualTo(10);

    clock.pass(Duration.ofSeconds(2));
    assertThat(run.report().history().lastStep()).isEqualTo(1);
  }

  @Test
  void spendsATwentiethOfTheTimeOnReadingAtMost() throws Exception {
    StoredRun.write(folder);
    SlowClock clock = new SlowClock(Duration.ofSeconds(5));
    ServedRun run = new ServedRun(folder.toString(), clock);
    Instant begin = clock.now;
    run.report();
    Duration took = Duration.between(begin, clock.now).minusSeconds(5);
    Files.writeString(folder.resolve("metrics.jsonl"), StoredRun.step(1, 1, 1));

    clock.pass(took.multipliedBy(18));
    assertThat(run.report().history().lastStep()).isEqualTo(10);

    clock.pass(took.multipliedBy(2));
    assertThat(run.report().history().lastStep()).isEqualTo(1);
  }

  /** A clock that goes on whenever somebody looks at it. */
  private static final class SlowClock extends Clock {
    private final Duration step;
    private Instant now = StoredRun.BEGINNING;

    SlowClock(Duration step) {
      this.step = step;
    }

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      Instant seen = now;
      now = now.plus(step);
      return seen;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
