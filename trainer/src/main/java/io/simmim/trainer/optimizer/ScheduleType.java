package io.simmim.trainer.optimizer;

/** Course of the learning rate after the warm-up. */
public enum ScheduleType {
  /** Half a cosine from the base rate to the minimum at the end of the run. */
  COSINE,
  /** The base rate, multiplied by gamma at each milestone. */
  MULTISTEP
}
