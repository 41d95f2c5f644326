package io.simmim.trainer.interop.timm;

import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignShapes;
import java.util.List;
import java.util.Optional;

/** What vision transformers of timm may have and no model here has: told before shapes are. */
final class UnknownParts {
  private static final String POSITIONS = "pos_embed";
  private static final String CLASS_TOKEN = "cls_token";

  /**
   * A part.
   *
   * @param tensor that tells it
   * @param what it is, for people
   */
  private record Part(String tensor, String what) {}

  private static final List<Part> PARTS =
      List.of(
          new Part("patch_embed.backbone.conv.weight", "a convolutional stem"),
          new Part("patch_embed.backbone.stem.conv.weight", "a convolutional stem"),
          new Part("patch_embed.backbone.conv1.0.weight", "a convolutional stem"),
          new Part("reg_token", "register tokens"),
          new Part("dist_token", "a distillation token"),
          new Part("norm_pre.weight", "a norm in front of its blocks"),
          new Part("blocks.0.attn.q_norm.weight", "norms of queries and keys"),
          new Part("blocks.0.attns.0.qkv.weight", "blocks with several attentions side by side"),
          new Part("blocks.0.mlp.fc1_g.weight", "gated MLPs"),
          new Part("blocks.0.mlp.w1.weight", "gated MLPs"));

  private UnknownParts() {}

  /**
   * Refuses a model with such a part.
   *
   * @throws IllegalArgumentException if it has one
   */
  static void refuse(ForeignConfig config, ForeignShapes shapes) {
    find(config, shapes)
        .ifPresent(
            part -> {
              throw new IllegalArgumentException(
                  "timm's %s has %s, which no model here has"
                      .formatted(config.architecture(), part));
            });
  }

  private static Optional<String> find(ForeignConfig config, ForeignShapes shapes) {
    for (Part part : PARTS) {
      if (shapes.has(part.tensor())) {
        return Optional.of("%s (%s)".formatted(part.what(), part.tensor()));
      }
    }
    if (config.architecture().matches(".*(_rope_|dinov3).*")) {
      return Optional.of("rotary positions");
    }
    if (!shapes.has(POSITIONS)) {
      return Optional.empty();
    }
    if (!shapes.has(CLASS_TOKEN)) {
      return Optional.of("positions and no class token");
    }
    return ForeignShapes.isSquare(shapes.size(POSITIONS, 1))
        ? Optional.of("a class token without a position")
        : Optional.empty();
  }
}
