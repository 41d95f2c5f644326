package io.simmim.pipeline.job.signal;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process that is stopping at once, when it is told to stop again: Java itself ignores
 * signals from the first one on. A signal that comes within a second is taken for the first one,
 * which a terminal and a program in between may both send. Signals are no API of Java but a part of
 * every JDK, so they are found by name; where they are not, nothing changes.
 *
 * <p>The process ends by the signal itself: {@code halt} frees what libtorch has while a thread
 * trains, which then ends by a fault in native code.
 */
public final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);
  private static final List<String> NAMES = List.of("INT", "TERM");
  private static final long SECONDS = 5;

  private SecondSignal() {}

  /**
   * From now on.
   *
   * @param last is called once before the process ends
   */
  public static void endsAtOnce(Runnable last) {
    long from = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    AtomicBoolean ending = new AtomicBoolean();
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("handle")
              && System.nanoTime() - from > 0
              && !ending.getAndSet(true)) {
            try {
              last.run();
            } finally {
              die(arguments[0]);
            }
          }
          return null;
        };
    try {
      Object own =
          Proxy.newProxyInstance(
              SecondSignal.class.getClassLoader(), new Class<?>[] {handlers()}, handler);
      for (String name : NAMES) {
        handle(signal(name), own);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.info("A second signal will not end this process", e);
    }
  }

  /** Ends this process as Ctrl-C ends one that does not listen to it. */
  public static void die() {
    try {
      die(signal(NAMES.get(0)));
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.info("This process goes on until its other threads have ended", e);
    }
  }

  private static void die(Object signal) throws ReflectiveOperationException {
    handle(signal, handlers().getField("SIG_DFL").get(null));
    String name = (String) signal.getClass().getMethod("getName").invoke(signal);
    String kill = "kill -s %s %d".formatted(name, ProcessHandle.current().pid());
    try {
      new ProcessBuilder("sh", "-c", kill).start().waitFor(SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      LOG.info("This process cannot end itself", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void handle(Object signal, Object handler) throws ReflectiveOperationException {
    signal
        .getClass()
        .getMethod("handle", signal.getClass(), handlers())
        .invoke(null, signal, handler);
  }

  private static Object signal(String name) throws ReflectiveOperationException {
    return Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
  }

  private static Class<?> handlers() throws ReflectiveOperationException {
    return Class.forName("sun.misc.SignalHandler");
  }
}
