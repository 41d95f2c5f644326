package io.simmim.trainer.interop.timm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.EncoderShapes;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Vision transformers of timm: the encoder alone, which has no mask token there. */
public enum TimmVit implements ForeignKind {
  /** {@code VisionTransformer}, DINOv2 among them. */
  VIT("timm-vit", "vit_base_patch16_224"),
  /** {@code Beit}: position bias, layer scale, both, or neither. */
  BEIT("timm-beit", "beit_base_patch16_224"),
  /** The encoder of a masked autoencoder, as {@code VisionTransformer}. */
  MAE("timm-vit-mae", "vit_base_patch16_224");

  private static final String PATCHES = "patch_embed.proj.weight";
  private static final String POOLED_NORM = "fc_norm.weight";

  private final String id;
  private final String architecture;

  TimmVit(String id, String architecture) {
    this.id = id;
    this.architecture = architecture;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Library library() {
    return Library.TIMM;
  }

  @Override
  public String architecture(PortableModel model) {
    return architecture;
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return switch (this) {
      case VIT -> config.architecture().matches("(vit|deit3?)_.*");
      case BEIT -> config.architecture().matches("beit(v2)?_.*");
      case MAE -> false; // read as a plain one: its decoder is not there
    };
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    double epsilon = model.model().norms().epsilon();
    return epsilon == NormConfig.OFFICIAL.epsilon()
        ? Optional.empty()
        : Optional.of(
            "timm's %s has layer norms with epsilon %s, this model %s"
                .formatted(architecture, NormConfig.OFFICIAL.epsilon(), epsilon));
  }

  @Override
  public boolean hasHead() {
    return false;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    boolean pooled = model.model().norms().behindPooling();
    TimmJson.begin(json, architecture, model, pooled ? "avg" : "token");
    ObjectNode arguments = json.putObject("model_args");
    arguments.put("img_size", model.model().imageSize());
    arguments.put("patch_size", encoder.patchSize());
    arguments.put("embed_dim", encoder.embedDim());
    arguments.put("depth", encoder.depth().get(0));
    arguments.put("num_heads", encoder.numHeads().get(0));
    arguments.put("mlp_ratio", encoder.mlpRatio());
    arguments.put("qkv_bias", encoder.qkvBias());
    arguments.put("global_pool", pooled ? "avg" : "token");
    if (encoder.layerScaleInit() > 0) {
      arguments.put("init_values", encoder.layerScaleInit());
    } else {
      arguments.putNull("init_values");
    }
    if (this == BEIT) {
      RelativePositionBias bias = encoder.relativePositionBias();
      arguments.put("use_abs_pos_emb", encoder.absolutePosition());
      arguments.put("use_rel_pos_bias", bias == RelativePositionBias.PER_BLOCK);
      arguments.put("use_shared_rel_pos_bias", bias == RelativePositionBias.SHARED);
    }
    TimmJson.pretrained(json, model, true, "patch_embed.proj", "head");
  }

  /** That of a mean has a norm in front of it here. */
  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    boolean pooled = shapes.has(POOLED_NORM);
    String pool =
        config
            .arguments()
            .text("global_pool", config.text("global_pool", this == BEIT ? "avg" : "token"));
    return pool.equals(pooled ? "avg" : "token")
        ? TimmJson.head(config, shapes, "head.weight")
        : Optional.empty();
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    UnknownParts.refuse(config, shapes);
    ForeignConfig arguments = config.arguments();
    int width = shapes.size(PATCHES, 0);
    int depth = shapes.count("blocks.", ".norm1.weight");
    int patch = shapes.size(PATCHES, 2);
    boolean absolute = shapes.has("pos_embed");
    RelativePositionBias bias = bias(shapes);
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            patch,
            width,
            List.of(depth),
            List.of(heads(config, shapes)),
            0,
            0,
            EncoderShapes.mlpRatio(width, shapes.size("blocks.0.mlp.fc1.weight", 0)),
            shapes.has("blocks.0.attn.qkv.bias") || shapes.has("blocks.0.attn.q_bias"),
            absolute,
            bias,
            layerScale(arguments, shapes),
            arguments.number("drop_path_rate", 0));
    int side = side(arguments, shapes, absolute, bias, patch);
    return ModelConfig.simmim(side * patch, side, encoder)
        .withNorms(new NormConfig(NormConfig.OFFICIAL.epsilon(), shapes.has(POOLED_NORM)));
  }

  /** Patches along one side, which positions tell. */
  private static int side(
      ForeignConfig arguments,
      ForeignShapes shapes,
      boolean absolute,
      RelativePositionBias bias,
      int patch) {
    if (absolute) {
      return ForeignShapes.root("pos_embed less its class token", shapes.size("pos_embed", 1) - 1);
    }
    if (bias != RelativePositionBias.NONE) {
      int rows = shapes.size(table(bias), 0) - 3;
      return (ForeignShapes.root("a position bias table less three rows", rows) + 1) / 2;
    }
    return Math.max(1, arguments.integer("img_size", 224) / patch);
  }

  private static String table(RelativePositionBias bias) {
    return (bias == RelativePositionBias.SHARED ? "rel_pos_bias." : "blocks.0.attn.")
        + "relative_position_bias_table";
  }

  private static RelativePositionBias bias(ForeignShapes shapes) {
    if (shapes.has(table(RelativePositionBias.SHARED))) {
      return RelativePositionBias.SHARED;
    }
    return shapes.has(table(RelativePositionBias.PER_BLOCK))
        ? RelativePositionBias.PER_BLOCK
        : RelativePositionBias.NONE;
  }

  private static double layerScale(ForeignConfig arguments, ForeignShapes shapes) {
    boolean scaled = shapes.has("blocks.0.ls1.gamma") || shapes.has("blocks.0.gamma_1");
    return scaled ? arguments.number("init_values", 1e-5) : 0;
  }

  /** As the arguments say, or the table of a position bias, or the registered name. */
  private static int heads(ForeignConfig config, ForeignShapes shapes) {
    ForeignConfig arguments = config.arguments();
    if (arguments.has("num_heads")) {
      return arguments.integer("num_heads");
    }
    RelativePositionBias bias = bias(shapes);
    if (bias != RelativePositionBias.NONE) {
      return shapes.size(table(bias), 1);
    }
    String name = config.architecture().toLowerCase(Locale.ROOT);
    for (Map.Entry<String, Integer> size :
        Map.of("_tiny_", 3, "_small_", 6, "_base_", 12, "_large_", 16, "_huge_", 16).entrySet()) {
      if (name.contains(size.getKey())) {
        return size.getValue();
      }
    }
    throw new IllegalArgumentException(
        "model_args must have num_heads, which does not follow from architecture %s"
            .formatted(name));
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    return NameTable.read(
        id + ".names", Map.of("norm", model.model().norms().behindPooling() ? "fc_norm" : "norm"));
  }
}
