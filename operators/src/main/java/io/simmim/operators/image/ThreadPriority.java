package io.simmim.operators.image;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of a processor the kernel gives to the calling thread. Java has this for root only
 * ({@code -XX:ThreadPriorityPolicy}).
 */
public final class ThreadPriority {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadPriority.class);

  /** By so much is it nicer: it then weighs a tenth where both want the same core. */
  private static final int NICER = 10;

  /** No thread can be nicer. */
  private static final int LEAST = 19;

  /** Of {@code setpriority}: who 0 is the calling thread on Linux, though its name says process. */
  private static final int PRIO_PROCESS = 0;

  private ThreadPriority() {}

  /**
   * Lets threads of ordinary priority go first from now on, on Linux. Nothing is lost where cores
   * are idle. Threads that the calling thread starts inherit it.
   */
  public static void yieldToOthers() {
    if (!Platform.isLinux()) {
      return;
    }
    try {
      NativeLibrary c = NativeLibrary.getInstance(Platform.C_LIBRARY_NAME);
      int before = c.getFunction("getpriority").invokeInt(new Object[] {PRIO_PROCESS, 0});
      int nice = Math.min(before + NICER, LEAST);
      int failed = c.getFunction("setpriority").invokeInt(new Object[] {PRIO_PROCESS, 0, nice});
      if (failed != 0) {
        LOG.warn("this thread keeps its priority: setpriority refused");
      }
    } catch (LinkageError e) {
      LOG.warn("this thread keeps its priority: {}", e.toString());
    }
  }
}
