package io.simmim.trainer.device;

/** The learning rates of one step, of groups of parameters whose base rates differ. */
@FunctionalInterface
public interface ScaledRates {
  /**
   * The rate of a group.
   *
   * @param scale what its base rate is multiplied by
   */
  double of(double scale);
}
