package io.simmim.schemas;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Bounds what reading untrusted bytes may allocate on the Java heap: a claim in a file must not
 * cost more than the file can account for. Counts what the calling thread allocates, freed or not.
 */
public final class HeapAllocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int RUNS = 3;

  /** What Jazzer puts into the code to guide a search allocates as well, for each comparison. */
  private static final int INSTRUMENTED = Boolean.getBoolean("jazzer.hooks") ? 4 : 1;

  /** Something that reads bytes. */
  @FunctionalInterface
  public interface Reading {
    void run() throws Exception;
  }

  private HeapAllocation() {}

  /**
   * Runs the reading, once more each time that it allocates too much: the first calls also load and
   * instrument classes.
   *
   * @param limit bytes that it may allocate, in code that is not instrumented
   * @throws AssertionError if it always allocates more
   */
  public static void requireAtMost(long limit, Reading reading) throws Exception {
    long allowed = INSTRUMENTED * limit;
    long least = Long.MAX_VALUE;
    for (int run = 0; run < RUNS && least > allowed; run++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      reading.run();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    if (least > allowed) {
      throw new AssertionError(
          "%,d bytes were allocated; at most %,d are allowed".formatted(least, allowed));
    }
  }
}
