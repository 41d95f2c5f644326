package io.simmim.pipeline.job;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process that is stopping at once, when it is told to stop again: Java itself ignores
 * signals from the first one on. A signal that comes within a second is taken for the first one,
 * which a terminal and a program in between may both send. Signals are no API of Java but a part of
 * every JDK, so they are found by name; where they are not, nothing changes.
 */
final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);
  private static final List<String> NAMES = List.of("INT", "TERM");
  private static final int SIGNALLED = 128;

  private SecondSignal() {}

  /**
   * From now on.
   *
   * @param last is called before the process ends
   */
  static void endsAtOnce(Runnable last) {
    long from = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("handle") && System.nanoTime() - from > 0) {
            int number = (int) arguments[0].getClass().getMethod("getNumber").invoke(arguments[0]);
            try {
              last.run();
            } finally {
              Runtime.getRuntime().halt(SIGNALLED + number);
            }
          }
          return null;
        };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlers = Class.forName("sun.misc.SignalHandler");
      Object own =
          Proxy.newProxyInstance(
              SecondSignal.class.getClassLoader(), new Class<?>[] {handlers}, handler);
      for (String name : NAMES) {
        signal
            .getMethod("handle", signal, handlers)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), own);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.info("A second signal will not end this process", e);
    }
  }
}
