package io.simmim.trainer.export;

import java.io.Serializable;

/**
 * When the model is written for others to load, and how many are kept; at the end it always is.
 *
 * @param everyEpochs epochs between two exports; 0 = only at the end
 * @param retained exports between epochs that are kept, the newest; 0 = all
 */
public record ExportConfig(int everyEpochs, int retained) implements Serializable {
  public ExportConfig {
    atLeastZero("export.every-epochs", everyEpochs);
    atLeastZero("export.retained", retained);
  }

  private static void atLeastZero(String key, int value) {
    if (value < 0) {
      throw new IllegalArgumentException("%s must be at least 0: %d".formatted(key, value));
    }
  }
}
