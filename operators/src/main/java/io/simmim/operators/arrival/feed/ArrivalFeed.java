package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.ArrivalBatch;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** Where arrivals come from. Confined to the one thread that polls, but for {@link #durable}. */
public interface ArrivalFeed extends Closeable {
  /**
   * Waits up to the timeout for something to arrive.
   *
   * @throws io.simmim.schemas.UserError if the user has to decide or mend something
   */
  ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException;

  /**
   * What the first polls found is in a completed checkpoint: whoever restarts knows of it. Called
   * on any thread, and does not wait. A feed whose offsets the checkpoint has need not know.
   *
   * @param polls how many of its polls, from the first one on
   */
  default void durable(long polls) {}
}
