package io.simmim.trainer.state;

/**
 * A copy of the training state on the device, taken between two steps.
 *
 * <p>Thread-safe: any thread may read and close it while training continues. Reading after {@link
 * #close} throws {@link IllegalStateException}; closing waits for reads under way. Closing twice
 * does nothing.
 */
public interface StateSnapshot extends StateReader, AutoCloseable {
  @Override
  void close();
}
