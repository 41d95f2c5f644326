package io.simmim.trainer.model.classifier;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Groups of a classifier's parameters by their depth: the deeper a layer, the lower its learning
 * rate (ELECTRA, Clark et al., ICLR 2020, appendix A), as the official fine-tuning code does. The
 * embedding of patches is layer 0, block i is layer i + 1, what follows the blocks has the full
 * rate. What merges patches belongs to the block before it; the absolute positions of a Swin have
 * the full rate there.
 *
 * <p>Weight decay spares what has one dimension, biases, class token and positions of a ViT, and of
 * a Swin whatever makes its position bias and scales its attention. (In pre-training the official
 * code decays these: it looks for other names.)
 */
public final class LayerDecay {
  private static final Pattern VIT_BLOCK = Pattern.compile("blocks\\.([0-9]+)\\..*");
  private static final Pattern SWIN_BLOCK =
      Pattern.compile("layers\\.([0-9]+)\\.blocks\\.([0-9]+)\\..*");
  private static final Pattern SWIN_MERGING =
      Pattern.compile("layers\\.([0-9]+)\\.downsample\\..*");

  private static final List<String> EXEMPT_OF_VIT = List.of("cls_token", "pos_embed");
  private static final List<String> EXEMPT_PARTS_OF_SWIN =
      List.of("absolute_pos_embed", "relative_position_bias_table", "cpb_mlp", "logit_scale");

  private final EncoderConfig encoder;
  private final double decay;

  /**
   * @param decay what a layer's rate is that of the next one times, above 0 and at most 1
   */
  public LayerDecay(EncoderConfig encoder, double decay) {
    this.encoder = encoder;
    this.decay = decay;
    if (!(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException(
          "finetune.layer-decay must be above 0 and at most 1: " + decay);
    }
  }

  /**
   * Groups by layer, of each those without weight decay first.
   *
   * @param parameters of the classifier
   * @param weightDecay of those that are not exempt
   */
  public List<ParameterGroup> groups(List<ParameterSpec> parameters, double weightDecay) {
    Map<Kind, List<Integer>> members =
        new TreeMap<>(Comparator.comparingInt(Kind::layer).thenComparing(Kind::decays));
    for (int i = 0; i < parameters.size(); i++) {
      ParameterSpec spec = parameters.get(i);
      Kind kind = new Kind(layer(spec.name()), decays(spec));
      members.computeIfAbsent(kind, key -> new ArrayList<>()).add(i);
    }
    List<ParameterGroup> groups = new ArrayList<>();
    members.forEach(
        (kind, indices) ->
            groups.add(
                new ParameterGroup(indices, scale(kind.layer()), kind.decays() ? weightDecay : 0)));
    return groups;
  }

  private record Kind(int layer, boolean decays) {}

  private double scale(int layer) {
    return StrictMath.pow(decay, (double) last() - layer);
  }

  /** The layer of what follows the blocks. */
  private int last() {
    return encoder.blocks() + 1;
  }

  private int layer(String name) {
    return encoder.type() == EncoderType.VIT ? vitLayer(name) : swinLayer(name);
  }

  private int vitLayer(String name) {
    Matcher block = VIT_BLOCK.matcher(name);
    if (block.matches()) {
      return Integer.parseInt(block.group(1)) + 1;
    }
    boolean first = name.startsWith("patch_embed.") || EXEMPT_OF_VIT.contains(name);
    return first ? 0 : last();
  }

  private int swinLayer(String name) {
    Matcher block = SWIN_BLOCK.matcher(name);
    if (block.matches()) {
      return before(Integer.parseInt(block.group(1))) + Integer.parseInt(block.group(2)) + 1;
    }
    Matcher merging = SWIN_MERGING.matcher(name);
    if (merging.matches()) {
      return before(Integer.parseInt(merging.group(1)) + 1);
    }
    return name.startsWith("patch_embed.") ? 0 : last();
  }

  /** Blocks of the stages before one. */
  private int before(int stage) {
    return encoder.depth().stream().limit(stage).mapToInt(Integer::intValue).sum();
  }

  private boolean decays(ParameterSpec spec) {
    String name = spec.name();
    if (spec.tensor().shape().size() == 1 || name.endsWith(".bias")) {
      return false;
    }
    return encoder.type() == EncoderType.VIT
        ? !EXEMPT_OF_VIT.contains(name)
        : EXEMPT_PARTS_OF_SWIN.stream().noneMatch(name::contains);
  }
}
