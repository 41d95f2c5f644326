package io.simmim.trainer.optimizer;

/**
 * The learning rate as a pure function of the update number, which is all that a resumed run needs
 * to go on with it. Every schedule begins with a {@link WarmUp}; {@link ScheduleConfig} makes them.
 */
public interface LearningRateSchedule {
  /**
   * The rate at an index of the schedule, the one that SimMIM's official loop sets after update
   * {@code t} ({@code step_update(t)}).
   *
   * @param t update number, from 0
   */
  double afterUpdate(long t);

  /**
   * The rate that step {@code step} uses: SimMIM's official loop advances the schedule after each
   * update, so the steps 0 and 1 both use index 0.
   *
   * @param step step number, from 0
   */
  default double ofStep(long step) {
    return afterUpdate(Math.max(0, step - 1));
  }

  /**
   * The same course from the first rate to another base rate and to the same minimum: that of a
   * group of parameters whose base rate alone is scaled, as in SimMIM's official fine-tuning.
   *
   * @param scale what the base rate is multiplied by
   */
  LearningRateSchedule scaledBy(double scale);
}
