package io.simmim.trainer.loop;

/** Waiting for threads that use native memory which must outlive them. */
public final class Threads {
  private Threads() {}

  /** Waits for the end of a thread; an interrupt does not shorten the wait and is kept. */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
