package io.simmim.trainer.export;

import io.simmim.schemas.evaluation.EpochAccuracy;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/**
 * One exported model.
 *
 * @param folder where it goes
 * @param moment whether training goes on after it
 * @param accuracy what the model was found to be worth, if that is to be noted
 */
public record ModelExport(Path folder, Moment moment, Optional<EpochAccuracy> accuracy) {
  /** One of which nothing is noted. */
  public ModelExport(Path folder, Moment moment) {
    this(folder, moment, Optional.empty());
  }

  /** When a model is exported. */
  public enum Moment {
    BETWEEN_EPOCHS,
    /** The best so far, which takes the place of the one before. */
    BEST,
    COMPLETE
  }

  /** Whether it is of the complete run. */
  public boolean isFinal() {
    return moment == Moment.COMPLETE;
  }
}
