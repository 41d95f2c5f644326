package io.simmim.pipeline.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads that compute with native memory, which must outlive them. */
public final class Workers {
  private Workers() {}

  /** Returns when none of the threads runs any more: what they use may be closed then. */
  public static void end(ExecutorService workers) {
    workers.shutdownNow();
    boolean interrupted = false;
    while (!workers.isTerminated()) {
      try {
        workers.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for a task.
   *
   * @return its result
   * @throws IOException if that was thrown by it, unchecked or not; other failures are thrown as
   *     they are
   */
  public static <T> T requireDone(Future<T> task) throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException || e.getCause() instanceof UncheckedIOException) {
        throw new IOException(e.getCause().getMessage(), e.getCause());
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw (RuntimeException) e.getCause();
    }
  }
}
