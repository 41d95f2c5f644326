package io.simmim.operators.catalog.tar;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FlakyFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardInputTest {
  @TempDir private Path folder;

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  /** A stream that gives nothing, of an object that is shorter than listed but not empty. */
  @Test
  void readsAgainAFewTimesWhenNothingArrives() throws Exception {
    Path file = Files.write(folder.resolve("a.tar"), new byte[1000]);
    FlakyFileSystem.truncateAfter(0);
    AtomicInteger questions = new AtomicInteger();
    FlakyFileSystem.onStatus(
        path -> {
          if (questions.incrementAndGet() > 10) {
            throw new AssertionError("it reads again and again");
          }
        });
    try (ShardInput input =
        new ShardInput(
            new org.apache.flink.core.fs.Path("flaky:" + file),
            3000,
            new ShardReading(1, 2, Duration.ZERO),
            new CountDownLatch(1))) {
      assertThatThrownBy(() -> input.read(500, 10))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot read flaky:%s at byte 500 in 2 attempts: it ends at byte 500, not 3000"
                  .formatted(file));
    }
  }
}
