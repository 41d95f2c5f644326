package io.simmim.trainer.export;

import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.ModelCopy;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/**
 * One exported model.
 *
 * @param folder where it goes
 * @param moment whether training goes on after it
 * @param accuracy what the model was found to be worth, if that is to be noted
 * @param copy what it is made for, if others look at it while training goes on
 */
public record ModelExport(
    Path folder, Moment moment, Optional<EpochAccuracy> accuracy, Optional<ModelCopy> copy) {
  /** One of which nothing is noted. */
  public ModelExport(Path folder, Moment moment) {
    this(folder, moment, Optional.empty());
  }

  /** One for the user. */
  public ModelExport(Path folder, Moment moment, Optional<EpochAccuracy> accuracy) {
    this(folder, moment, accuracy, Optional.empty());
  }

  /** One for those who look at it while training goes on. */
  static ModelExport of(Path folder, ModelCopy copy) {
    return new ModelExport(folder, Moment.BESIDE, Optional.empty(), Optional.of(copy));
  }

  /** When a model is exported. */
  public enum Moment {
    BETWEEN_EPOCHS,
    /** The best so far, which takes the place of the one before. */
    BEST,
    /** To be looked at while training goes on; not for the user. */
    BESIDE,
    COMPLETE
  }

  /** Whether it is of the complete run. */
  public boolean isFinal() {
    return moment == Moment.COMPLETE;
  }
}
