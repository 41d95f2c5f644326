package io.simmim.schemas.timing;

/**
 * What a trainer waited for, as shares of the time of a step.
 *
 * @param fetching until the bytes of the images were there
 * @param decoding from then until they were decoded, augmented and masked, with the time that they
 *     waited for a task that does it
 * @param network the rest: serialization, the way to the trainer, their order. Also all waiting for
 *     images of which it is not known when they were fetched
 */
public record DataWait(double fetching, double decoding, double network) {
  /** Nothing was waited for. */
  public static final DataWait NONE = new DataWait(0, 0, 0);

  /** Share of the time that the trainer waited at all, 0 to 1. */
  public double total() {
    return fetching + decoding + network;
  }
}
