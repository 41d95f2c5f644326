package io.simmim.trainer.torch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets the JVM exit only between native calls: its exit runs libtorch's destructors, and a step
 * that is still computing would then crash the process and leave a core dump behind.
 *
 * <p>Open from construction to {@link #close}; thread-safe.
 */
final class ShutdownGate implements AutoCloseable {
  /** Longer than a step; a longer call is left to its fate. */
  private static final long PATIENCE_SECONDS = 10;

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Thread hook = new Thread(this::shutDown, "simmim-shutdown-gate");
  private volatile boolean shutDown;

  ShutdownGate() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Enters a native call; {@link #leave} must follow. */
  void enter() {
    lock.readLock().lock();
    if (shutDown) {
      lock.readLock().unlock();
      throw new IllegalStateException("the JVM is shutting down");
    }
  }

  void leave() {
    lock.readLock().unlock();
  }

  private void shutDown() {
    shutDown = true;
    try {
      if (lock.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        lock.writeLock().unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Without this the hook would keep the class loader alive as long as the JVM. */
  @Override
  public void close() {
    if (!shutDown) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        shutDown = true; // the JVM has just begun to shut down and runs the hook
      }
    }
  }
}
