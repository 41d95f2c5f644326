package io.simmim.schemas.thread;

import java.time.Duration;

/**
 * Ends threads by interrupting them, again and again: a library may swallow an interrupt, as JNA
 * does where it comes while the library is loaded, and the thread would then wait for ever.
 */
public final class Threads {
  /** What threads do to end in order takes less. */
  private static final Duration BETWEEN_INTERRUPTS = Duration.ofSeconds(4);

  private Threads() {}

  /**
   * Interrupts a thread until it has ended, however long that takes: what it uses, such as native
   * memory, may be freed then. An interrupt of the caller does not shorten the wait and is kept.
   */
  public static void end(Thread thread) {
    endInterruptingEvery(BETWEEN_INTERRUPTS, thread);
  }

  static void endInterruptingEvery(Duration between, Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      thread.interrupt();
      try {
        thread.join(between.toMillis());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Interrupts a thread until it has ended or a time is over. An interrupt of the caller ends the
   * wait and is kept.
   *
   * @return whether it has ended
   */
  public static boolean end(Thread thread, Duration longest) {
    return endInterruptingEvery(BETWEEN_INTERRUPTS, thread, longest);
  }

  static boolean endInterruptingEvery(Duration between, Thread thread, Duration longest) {
    long start = System.nanoTime();
    try {
      long left = longest.toMillis();
      while (thread.isAlive() && left > 0) {
        thread.interrupt();
        thread.join(Math.min(left, between.toMillis()));
        left = longest.minusNanos(System.nanoTime() - start).toMillis();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
