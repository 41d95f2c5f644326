package io.simmim.trainer.export;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import java.io.Serializable;
import java.util.Optional;

/**
 * After which steps others look at the model while training goes on. What is on is due after the
 * last step too.
 *
 * @param pictureSteps steps between two pictures; 0 = none
 * @param evaluationEpochs epochs between two measurements of the features; 0 = none
 */
public record CopySchedule(long pictureSteps, int evaluationEpochs) implements Serializable {
  /** Nobody looks. */
  public static final CopySchedule NEVER = new CopySchedule(0, 0);

  public CopySchedule {
    if (pictureSteps < 0 || evaluationEpochs < 0) {
      throw new IllegalArgumentException(
          "steps and epochs must be at least 0: %d, %d".formatted(pictureSteps, evaluationEpochs));
    }
  }

  /** Whether anybody looks. */
  public boolean isOn() {
    return pictureSteps > 0 || evaluationEpochs > 0;
  }

  /**
   * The copy that is made after a step, if one is.
   *
   * @param step that is complete, from 1
   */
  Optional<ModelCopy> after(long step, BatchPlan plan) {
    boolean last = step == plan.totalSteps();
    boolean picture = pictureSteps > 0 && (last || step % pictureSteps == 0);
    boolean evaluation =
        evaluationEpochs > 0
            && (last || step % Math.multiplyExact(plan.stepsPerEpoch(), evaluationEpochs) == 0);
    int epoch = (int) ((step - 1) / plan.stepsPerEpoch());
    return picture || evaluation
        ? Optional.of(new ModelCopy(step, epoch, picture, evaluation, Stage.DUE))
        : Optional.empty();
  }
}
