package io.simmim.schemas.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ThreadsTest {
  private static final Duration SOON = Duration.ofMillis(50);

  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void releaseAll() {
    release.countDown();
  }

  /** Does not hear of so many interrupts, as if they came while a library was loaded. */
  private Thread deafFor(int interrupts) {
    Thread thread =
        new Thread(
            () -> {
              int swallowed = 0;
              while (swallowed <= interrupts) {
                try {
                  release.await();
                  return;
                } catch (InterruptedException e) {
                  swallowed++;
                }
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void endsAThreadThatSwallowsAnInterrupt() {
    Thread thread = deafFor(1);

    Threads.endInterruptingEvery(SOON, thread);

    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void triesForSomeTime() {
    assertThat(Threads.endInterruptingEvery(SOON, deafFor(1), Duration.ofSeconds(50))).isTrue();
    assertThat(Threads.end(deafFor(Integer.MAX_VALUE), Duration.ofMillis(10))).isFalse();
  }

  @Test
  void anInterruptOfTheCallerIsKept() {
    Thread thread = deafFor(0);
    Thread.currentThread().interrupt();

    Threads.end(thread);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void anInterruptEndsTheWaitThatHasALimit() {
    Thread.currentThread().interrupt();

    assertThat(Threads.end(deafFor(1), Duration.ofDays(1))).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }
}
