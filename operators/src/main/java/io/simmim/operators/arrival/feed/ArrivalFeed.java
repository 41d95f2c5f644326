package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.ArrivalBatch;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** Where arrivals come from. Confined to the one thread that polls. */
public interface ArrivalFeed extends Closeable {
  /**
   * Waits up to the timeout for something to arrive.
   *
   * @throws io.simmim.schemas.UserError if the user has to decide or mend something
   */
  ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException;
}
