package io.simmim.trainer.optimizer;

/** The learning rate as a pure function of the update number. */
public interface LearningRateSchedule {
  /**
   * The rate that the official loop sets after update {@code t} ({@code step_update(t)}).
   *
   * @param t update number, from 0
   */
  double afterUpdate(long t);

  /**
   * The rate that step {@code step} uses: the official loop advances the schedule after each
   * update, so the steps 0 and 1 both use index 0.
   *
   * @param step step number, from 0
   */
  default double ofStep(long step) {
    return afterUpdate(Math.max(0, step - 1));
  }
}
