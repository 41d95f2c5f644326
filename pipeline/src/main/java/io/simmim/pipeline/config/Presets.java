package io.simmim.pipeline.config;

import io.simmim.schemas.UserError;
import java.util.List;

/** The configurations that ship with this build. */
public final class Presets {
  private static final List<String> NAMES =
      List.of(
          "vit-base-800ep",
          "vit-base-800ep-paper",
          "vit-base-continue",
          "vit-small",
          "vit-tiny",
          "swin-base-100ep",
          "swin-base-100ep-step",
          "swin-base-800ep",
          "swin-base-continue",
          "swin-large-800ep",
          "swinv2-small-800ep",
          "swinv2-base-800ep",
          "swinv2-large-800ep",
          "swinv2-huge-800ep",
          "swinv2-giant-1b-800ep",
          "swinv2-giant-20ep",
          "resnet50-100ep",
          "resnet50x4-100ep",
          "mae-vit-base-800ep",
          "mae-vit-large-800ep",
          "mae-vit-huge-800ep",
          "finetune-vit-base-100ep",
          "finetune-swin-base-100ep",
          "finetune-mae-vit-base-100ep",
          "finetune-tiny");

  private static final String FINETUNING = "finetune-";

  private Presets() {}

  public static List<String> names() {
    return NAMES;
  }

  /** Whether a preset is one of a fine-tuning, and not of a pre-training. */
  public static boolean isFinetuning(String name) {
    return name.startsWith(FINETUNING);
  }

  /**
   * Refuses a preset of a fine-tuning: what it leaves open is of its model, which a pre-training
   * has none of.
   */
  public static void requirePretraining(String name) {
    if (isFinetuning(name)) {
      throw new UserError(
          "--preset must be one of a pre-training: %s (finetune takes it)".formatted(name));
    }
  }

  /** The YAML of a preset, opening with a comment on its origin, hardware, time and loss. */
  public static String text(String name) {
    if (!NAMES.contains(name)) {
      String nearest = Nearest.to(name, NAMES).map(" (nearest: %s)"::formatted).orElse("");
      throw new UserError(
          "preset must be one of %s: %s%s".formatted(String.join(", ", NAMES), name, nearest));
    }
    return Yaml.resource("presets/" + name + ".yaml");
  }

  /** The first line of a preset's opening comment. */
  public static String summary(String name) {
    return text(name).lines().findFirst().orElse("").replaceFirst("^#\\s*", "");
  }
}
