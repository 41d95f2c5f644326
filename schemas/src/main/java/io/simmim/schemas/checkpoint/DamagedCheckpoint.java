package io.simmim.schemas.checkpoint;

import io.simmim.schemas.UserError;

/**
 * How a task says that what it is to go on from is damaged. It does not know which other
 * checkpoints there are; whoever has submitted the job does.
 */
public final class DamagedCheckpoint {
  private static final String ADVICE = "; choose another checkpoint with --resume PATH";

  private DamagedCheckpoint() {}

  /**
   * The failure.
   *
   * @param damage what is damaged, and how, in one line
   */
  public static UserError error(String damage) {
    return new UserError(damage + ADVICE);
  }

  /** Whether a line says this. */
  public static boolean isToldBy(String line) {
    return line.endsWith(ADVICE);
  }
}
