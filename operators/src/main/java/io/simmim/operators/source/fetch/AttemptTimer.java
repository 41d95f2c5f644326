package io.simmim.operators.source.fetch;

import io.simmim.schemas.text.Amount;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Limits how long an attempt to read may take. After the limit the reading thread is interrupted;
 * after twice the limit the attempt counts as stuck, since some file systems do not answer to
 * interruption, and the whole reader is told. The stream is not closed from here: closing one that
 * another thread reads may hand its connection to somebody else in mid-response.
 *
 * <p>One daemon thread for all attempts.
 */
public final class AttemptTimer implements AutoCloseable {
  /** Something that reads. */
  interface Attempt<T> {
    T call() throws IOException;
  }

  private final Duration limit;
  private final Consumer<IOException> onStuck;
  private final ScheduledThreadPoolExecutor timer;
  private Thread thread;

  public AttemptTimer(Duration limit, String threadName, Consumer<IOException> onStuck) {
    this.limit = limit;
    this.onStuck = onStuck;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              thread = new Thread(task, threadName);
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.prestartCoreThread();
  }

  /**
   * Runs an attempt in the calling thread.
   *
   * @throws IOException as the attempt, or with a message about the limit if it was interrupted
   */
  <T> T call(String what, Attempt<T> attempt) throws IOException {
    Watch watch = new Watch(Thread.currentThread(), what);
    ScheduledFuture<?> alarm =
        timer.scheduleWithFixedDelay(
            watch::limitReached, limit.toMillis(), limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return attempt.call();
    } catch (IOException | RuntimeException e) {
      if (watch.end()) {
        throw new IOException("no answer within " + Amount.of(limit), e);
      }
      throw e;
    } finally {
      alarm.cancel(false);
      if (watch.end()) {
        // The interruption was meant for the attempt, which is over.
        Thread.interrupted();
      }
    }
  }

  /** The thread that interrupts others; {@link #close} ends it but does not wait for it. */
  public Thread thread() {
    return thread;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private final class Watch {
    private final Thread reading;
    private final String what;
    private boolean interrupted;
    private boolean ended;

    Watch(Thread reading, String what) {
      this.reading = reading;
      this.what = what;
    }

    synchronized void limitReached() {
      if (ended) {
        return;
      }
      if (interrupted) {
        onStuck.accept(
            new IOException(
                String.format(
                    Locale.ROOT,
                    "cannot read %s: no answer within %s, nor to interruption",
                    what,
                    Amount.of(limit.multipliedBy(2)))));
      } else {
        interrupted = true;
        reading.interrupt();
      }
    }

    /** From now on the thread is left alone. Returns whether it was interrupted. */
    synchronized boolean end() {
      ended = true;
      return interrupted;
    }
  }
}
