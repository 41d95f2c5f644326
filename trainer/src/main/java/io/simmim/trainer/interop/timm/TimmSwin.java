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
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Swin Transformers of timm, both versions, without head for pixels and mask token. The official
 * code, and timm before 0.9, merge patches at the end of a stage; timm does so at the beginning of
 * the next one since then, and numbers the merging so.
 *
 * @param type which version
 */
public record TimmSwin(EncoderType type, Merging merging) implements ForeignKind {
  /** Which numbers the merging of patches has in a file. */
  public enum Merging {
    /**
     * Those that timm expects when it loads a file: the official ones where there is no head, since
     * it renames them then, and its own where there is one.
     */
    AS_LOADED,
    /**
     * Its own without a head: as timm saves a model that has none. It does not load such a file
     * itself, so an export has the others.
     */
    AS_SAVED
  }

  private static final String PATCHES = "patch_embed.proj.weight";
  private static final String HEAD = "head.fc.weight";
  private static final String PRETRAINED = "pretrained_window_sizes";

  /** Of the name of a model that was trained twice both sizes, such as {@code window12to16}. */
  private static final Pattern WINDOW =
      Pattern.compile("_window(?:([0-9]{1,3})to)?([0-9]{1,3})(?![0-9])");

  private static final Pattern SIDE = Pattern.compile("_(?:([0-9]{2,4})to)?([0-9]{2,4})$");

  @Override
  public String id() {
    return version2() ? "timm-swinv2" : "timm-swin";
  }

  private boolean version2() {
    return type == EncoderType.SWINV2;
  }

  @Override
  public Library library() {
    return Library.TIMM;
  }

  @Override
  public String architecture(PortableModel model) {
    return version2() ? "swinv2_base_window8_256" : "swin_base_patch4_window7_224";
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.architecture().startsWith(version2() ? "swinv2_" : "swin_")
        && merging == (isSavedWithoutHead(names) ? Merging.AS_SAVED : Merging.AS_LOADED);
  }

  private static boolean isSavedWithoutHead(Set<String> names) {
    return !names.contains(HEAD)
        && !names.contains("layers.0.downsample.reduction.weight")
        && names.contains("layers.1.downsample.reduction.weight");
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    if (model.encoder().mainNormInterval() > 0) {
      return Optional.of(
          "timm's Swin V2 has no norms on the main branch, this model encoder.main-norm-interval %d"
              .formatted(model.encoder().mainNormInterval()));
    }
    if (model.encoder().padsWindows(model.model().imageSize())) {
      return Optional.of(
          "timm's Swin fills windows up behind their shift, this model before it"
              + " (encoder.window-size does not divide the patches of a stage)");
    }
    return model.encoder().absolutePosition()
        ? Optional.of(
            "timm's Swin has no absolute positions, this model encoder.absolute-position true")
        : Optional.empty();
  }

  @Override
  public boolean hasHead() {
    return false;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    TimmJson.begin(json, architecture(model), model, "avg");
    ObjectNode arguments = json.putObject("model_args");
    arguments.put("img_size", model.model().imageSize());
    arguments.put("patch_size", encoder.patchSize());
    arguments.put("embed_dim", encoder.embedDim());
    arguments.putPOJO("depths", encoder.depth());
    arguments.putPOJO("num_heads", encoder.numHeads());
    arguments.put("window_size", encoder.windowSize());
    arguments.put("mlp_ratio", encoder.mlpRatio());
    arguments.put("qkv_bias", encoder.qkvBias());
    if (version2()) {
      arguments.putPOJO(PRETRAINED, encoder.spelledPretrainedWindowSizes());
    }
    TimmJson.pretrained(json, model, true, "patch_embed.proj", "head.fc");
  }

  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    return TimmJson.head(config, shapes, HEAD);
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    ForeignConfig arguments = config.arguments();
    int width = shapes.size(PATCHES, 0);
    List<Integer> depths = new ArrayList<>();
    List<Integer> heads = new ArrayList<>();
    int stages = shapes.count("layers.", ".blocks.0.norm1.weight");
    for (int stage = 0; stage < stages; stage++) {
      String blocks = "layers." + stage + ".blocks.";
      depths.add(shapes.count(blocks, ".norm1.weight"));
      heads.add(
          version2()
              ? shapes.size(blocks + "0.attn.logit_scale", 0)
              : shapes.size(blocks + "0.attn.relative_position_bias_table", 1));
    }
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            shapes.size(PATCHES, 2),
            width,
            depths,
            heads,
            window(config, shapes),
            0,
            version2() ? pretrainedWindows(config, shapes.size(PATCHES, 2), stages) : List.of(),
            EncoderShapes.mlpRatio(width, shapes.size("layers.0.blocks.0.mlp.fc1.weight", 0)),
            shapes.has("layers.0.blocks.0.attn.qkv.bias")
                || shapes.has("layers.0.blocks.0.attn.q_bias"),
            false,
            RelativePositionBias.NONE,
            0,
            arguments.number("drop_path_rate", 0));
    int imageSize = arguments.integer("img_size", sideOfName(config.architecture()));
    ModelConfig model =
        ModelConfig.simmim(imageSize, Math.max(1, imageSize / encoder.patchSize()), encoder);
    if (encoder.padsWindows(imageSize)) {
      throw new IllegalArgumentException(
          "window_size must divide the patches of each stage (or exceed them), since timm fills windows up"
              + " behind their shift: "
              + encoder.windowSize());
    }
    return model;
  }

  private int window(ForeignConfig config, ForeignShapes shapes) {
    if (config.arguments().has("window_size")) {
      return config.arguments().integer("window_size");
    }
    if (!version2()) {
      String table = "layers.0.blocks.0.attn.relative_position_bias_table";
      return (ForeignShapes.root(table, shapes.size(table, 0)) + 1) / 2;
    }
    Matcher matcher = WINDOW.matcher(config.architecture());
    if (!matcher.find()) {
      throw new IllegalArgumentException(
          "model_args must have window_size, which does not follow from architecture "
              + config.architecture());
    }
    return Integer.parseInt(matcher.group(2));
  }

  /**
   * As the arguments say, or the registered name: the windows of the first training, as far as its
   * stages had so many patches.
   */
  private static List<Integer> pretrainedWindows(ForeignConfig config, int patch, int stages) {
    if (config.arguments().has(PRETRAINED)) {
      return config.arguments().sizes(PRETRAINED);
    }
    Matcher window = WINDOW.matcher(config.architecture());
    Matcher side = SIDE.matcher(config.architecture());
    if (!window.find() || !side.find() || window.group(1) == null || side.group(1) == null) {
      return List.of();
    }
    int patches = Integer.parseInt(side.group(1)) / patch;
    int size = Integer.parseInt(window.group(1));
    return IntStream.range(0, stages).mapToObj(stage -> Math.min(size, patches >> stage)).toList();
  }

  /** The side of images that a registered name ends with. */
  private static int sideOfName(String name) {
    Matcher matcher = SIDE.matcher(name);
    return matcher.find() ? Integer.parseInt(matcher.group(2)) : 224;
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    boolean own = merging == Merging.AS_SAVED || model.isClassifier();
    return NameTable.read(own ? "timm-swin-own.names" : "timm-swin.names", Map.of());
  }
}
