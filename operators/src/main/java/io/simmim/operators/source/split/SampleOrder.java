package io.simmim.operators.source.split;

/** Which image is at which position of an epoch: a bijection on [0, N). */
public interface SampleOrder {
  /**
   * The image at a position.
   *
   * @param position from 0 to N - 1
   * @return from 0 to N - 1
   */
  long imageAt(long position);
}
