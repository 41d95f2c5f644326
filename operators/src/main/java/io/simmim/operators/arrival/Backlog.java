package io.simmim.operators.arrival;

/**
 * Keeps feeds from running ahead: they wait while more images than the limit have arrived and are
 * not trained on yet. So a burst of a million events stays where it is kept anyway, in Kafka.
 *
 * <p>Thread-safe.
 */
public final class Backlog {
  private final long limit;
  private long waiting;

  /**
   * @param limit images; one batch more may arrive
   */
  public Backlog(long limit) {
    this.limit = limit;
  }

  /** Says how many images wait. */
  public synchronized void set(long images) {
    waiting = images;
    notifyAll();
  }

  /** Returns when fewer images wait than the limit. */
  public synchronized void awaitRoom() throws InterruptedException {
    while (waiting >= limit) {
      wait();
    }
  }
}
