package io.simmim.operators.image.augment;

import io.simmim.schemas.random.Philox;

/**
 * The random numbers of one sample: the same wherever and whenever it is made.
 *
 * @param seed of the run
 * @param epoch from 0
 * @param position of the sample within the epoch
 */
public record SampleDraws(long seed, int epoch, long position) {
  /** The sequence of a purpose, at its first draw. */
  public Philox of(Philox.Purpose purpose) {
    return new Philox(seed, purpose, epoch, position);
  }
}
