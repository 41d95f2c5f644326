package io.simmim.trainer.operator;

import java.util.Locale;

/** Where exported models lie below the output of a run. Each is a folder of two files. */
public final class ModelPaths {
  /** The parameters, under their official names. */
  public static final String WEIGHTS = "model.safetensors";

  /** What the model is, for those who load it. */
  public static final String CONFIG = "config.json";

  private ModelPaths() {}

  /** Folder of the trained model; its {@link #WEIGHTS} is there once training is complete. */
  public static String trained(String output) {
    return withoutSlash(output) + "/model";
  }

  /**
   * Folder of the model as it was after some epochs.
   *
   * @param epochs number of complete epochs, from 1
   */
  public static String afterEpochs(String output, int epochs) {
    return withoutSlash(output) + String.format(Locale.ROOT, "/model-epoch-%04d", epochs);
  }

  private static String withoutSlash(String output) {
    return output.endsWith("/") ? output.substring(0, output.length() - 1) : output;
  }
}
