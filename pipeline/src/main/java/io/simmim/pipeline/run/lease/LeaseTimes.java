package io.simmim.pipeline.run.lease;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long things take around a {@link RunLease}.
 *
 * @param renewal from one sign of life of its holder to the next
 * @param silence so long without one means that the holder is gone
 * @param settling so long after the lease was written, whoever wrote it at the same time has done
 *     so too
 */
public record LeaseTimes(Duration renewal, Duration silence, Duration settling)
    implements Serializable {
  /** Three renewals may fail or be late. On S3 a year of them costs some 70 dollars. */
  public static final LeaseTimes DEFAULT =
      new LeaseTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(1));

  /** A holder that lives has noticed by then that it has lost the lease. */
  Duration notice() {
    return renewal.multipliedBy(2);
  }
}
