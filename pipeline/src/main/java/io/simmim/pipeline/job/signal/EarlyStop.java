package io.simmim.pipeline.job.signal;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says a word when this process is told to end (Ctrl-C, SIGTERM) before its job runs. There is
 * nothing to save then: what a run continues from is as it was.
 */
public final class EarlyStop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EarlyStop.class);

  private final Thread hook;

  /**
   * From now on.
   *
   * @param say takes the line
   */
  public EarlyStop(Consumer<String> say) {
    hook =
        new Thread(
            () -> say.accept("stopped before the job ran; the same command starts it"),
            "early-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The job runs, or never will. May be called again. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The process ends already", e);
    }
  }
}
