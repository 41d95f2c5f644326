package io.simmim.pipeline.config;

/**
 * When the model is written for others to load; at the end it always is.
 *
 * @param everyEpochs epochs between two exports; 0 = only at the end
 */
public record ExportConfig(int everyEpochs) {
  public ExportConfig {
    if (everyEpochs < 0) {
      throw new IllegalArgumentException("export.every-epochs must be at least 0: " + everyEpochs);
    }
  }
}
