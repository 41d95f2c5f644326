package io.simmim.trainer.export;

import org.apache.flink.core.fs.Path;

/**
 * One exported model.
 *
 * @param folder where it goes
 * @param moment whether training goes on after it
 */
public record ModelExport(Path folder, Moment moment) {
  /** When a model is exported. */
  public enum Moment {
    BETWEEN_EPOCHS,
    COMPLETE
  }

  /** Whether it is of the complete run. */
  public boolean isFinal() {
    return moment == Moment.COMPLETE;
  }
}
