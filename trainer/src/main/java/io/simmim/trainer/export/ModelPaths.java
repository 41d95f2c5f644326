package io.simmim.trainer.export;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where exported models lie below the output of a run. Each is a folder of two files. */
public final class ModelPaths {
  /** The parameters, under their official names. */
  public static final String WEIGHTS = "model.safetensors";

  /** What the model is, for those who load it. */
  public static final String CONFIG = "config.json";

  private static final Pattern AFTER_EPOCHS = Pattern.compile("model-epoch-([0-9]{4,18})");

  private ModelPaths() {}

  /** Folder of the trained model; its {@link #WEIGHTS} is there once training is complete. */
  public static String trained(String output) {
    return withoutSlash(output) + "/model";
  }

  /** Folder of the model that was best in validation so far. */
  public static String best(String output) {
    return withoutSlash(output) + "/model-best";
  }

  /**
   * Folder of the model as it was after some epochs.
   *
   * @param epochs number of complete epochs, from 1
   */
  public static String afterEpochs(String output, int epochs) {
    return withoutSlash(output) + String.format(Locale.ROOT, "/model-epoch-%04d", epochs);
  }

  /** Number of epochs in the name of such a folder; nothing if it is the name of something else. */
  public static OptionalLong epochsOf(String name) {
    Matcher matcher = AFTER_EPOCHS.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  private static String withoutSlash(String output) {
    return output.endsWith("/") ? output.substring(0, output.length() - 1) : output;
  }
}
