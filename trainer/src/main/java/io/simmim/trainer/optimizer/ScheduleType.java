package io.simmim.trainer.optimizer;

/** Course of the learning rate after the warm-up. */
public enum ScheduleType {
  /** Half a cosine from the base rate to the minimum, counted from the start of the run. */
  COSINE,
  /** Half a cosine from the base rate to the minimum, counted from the end of the warm-up. */
  COSINE_AFTER_WARMUP,
  /** A straight line from the base rate to the minimum at the end of the run. */
  LINEAR,
  /** The base rate. */
  CONSTANT,
  /** The base rate, multiplied by gamma at each of some epochs. */
  MULTISTEP,
  /** The base rate, multiplied by gamma at each of some shares of the run. */
  STEP,
  /** The base rate, and a straight line to the minimum over the last epochs. */
  WARMUP_STABLE_DECAY
}
