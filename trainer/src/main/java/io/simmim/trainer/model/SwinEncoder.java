package io.simmim.trainer.model;

import static io.simmim.trainer.model.Initializer.constant;
import static io.simmim.trainer.model.Initializer.normal;
import static io.simmim.trainer.model.Initializer.uniform;

import io.simmim.trainer.TensorSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Swin Transformer (Liu et al., ICCV 2021) and Swin Transformer V2 (Liu et al., CVPR 2022) with
 * SimMIM's mask token in place of masked patches: stages of halving resolution, attention in
 * windows that every other block shifts by half a window. Version 2 has scaled cosine attention, a
 * log-spaced continuous position bias and norms behind the residual branches.
 */
final class SwinEncoder implements Encoder {
  private static final double STD = 0.02;

  /** Hidden width of the network that makes version 2's position bias. */
  private static final int BIAS_HIDDEN = 512;

  /** Version 2's cosine attention begins with a temperature of one tenth. */
  private static final double LOGIT_SCALE = StrictMath.log(10);

  /** Parameters of a block that depend on version and configuration. */
  private static final List<String> OPTIONAL_IN_BLOCK =
      List.of(
          "bias_table",
          "qkv_bias",
          "q_bias",
          "v_bias",
          "logit_scale",
          "cpb_0_weight",
          "cpb_0_bias",
          "cpb_2_weight");

  private final EncoderConfig config;
  private final boolean version2;
  private final List<SwinStage> stages;
  private final List<ParameterSpec> parameters = new ArrayList<>();
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final List<Integer> firsts = new ArrayList<>();
  private final List<Integer> merges = new ArrayList<>();
  private String prefix = "";

  /** Number that places in the block under construction count from. */
  private int origin;

  SwinEncoder(EncoderConfig config, int imageSize) {
    this.config = config;
    version2 = config.type() == EncoderType.SWINV2;
    stages = SwinStage.of(config, imageSize);
    addTokens();
    for (int stage = 0; stage < stages.size(); stage++) {
      addStage(stage);
    }
    begin("");
    addNorm("norm", "norm", stages.get(stages.size() - 1).width(), 1);
  }

  private void addTokens() {
    int width = config.embedDim();
    int patch = config.patchSize();
    begin("");
    if (config.absolutePosition()) {
      long patches = (long) patchSide() * patchSide();
      add("pos_embed", "absolute_pos_embed", normal(STD), false, 1, patches, width);
    }
    add("mask_token", "mask_token", normal(STD), false, 1, 1, width);
    // torch.nn.Conv2d's default: U(±1/sqrt(fan in)).
    Initializer convolution = uniform(1 / StrictMath.sqrt(3.0 * patch * patch));
    add("patch_weight", "patch_embed.proj.weight", convolution, true, width, 3, patch, patch);
    add("patch_bias", "patch_embed.proj.bias", convolution, false, width);
    addNorm("patch_norm", "patch_embed.norm", width, 1);
  }

  private void addStage(int number) {
    SwinStage stage = stages.get(number);
    firsts.add(parameters.size());
    for (int block = 0; block < stage.depth(); block++) {
      begin("layers.%d.blocks.%d.".formatted(number, block));
      addBlock(stage);
      places.putIfAbsent("block_size", parameters.size() - origin);
    }
    if (number + 1 < stages.size()) {
      merges.add(parameters.size());
      int width = stage.width();
      begin("layers.%d.downsample.".formatted(number));
      add("reduction", "reduction.weight", normal(STD), true, 2L * width, 4L * width);
      addNorm("reduction_norm", "norm", (version2 ? 2 : 4) * width, 1);
    }
  }

  private void addBlock(SwinStage stage) {
    int width = stage.width();
    int hidden = (int) (width * config.mlpRatio());
    // Version 2 begins with silent branches.
    double gain = version2 ? 0 : 1;
    addNorm("norm1", "norm1", width, gain);
    addAttention(stage);
    addNorm("norm2", "norm2", width, gain);
    add("fc1_weight", "mlp.fc1.weight", normal(STD), true, hidden, width);
    add("fc1_bias", "mlp.fc1.bias", constant(0), false, hidden);
    add("fc2_weight", "mlp.fc2.weight", normal(STD), true, width, hidden);
    add("fc2_bias", "mlp.fc2.bias", constant(0), false, width);
  }

  private void addAttention(SwinStage stage) {
    int width = stage.width();
    if (version2) {
      // Weight decay of the scale: the official keywords that exempt it never match.
      add("logit_scale", "attn.logit_scale", constant(LOGIT_SCALE), true, stage.heads(), 1, 1);
      if (config.qkvBias()) {
        add("q_bias", "attn.q_bias", constant(0), false, width);
        add("v_bias", "attn.v_bias", constant(0), false, width);
      }
      add("cpb_0_weight", "attn.cpb_mlp.0.weight", normal(STD), true, BIAS_HIDDEN, 2);
      add("cpb_0_bias", "attn.cpb_mlp.0.bias", constant(0), false, BIAS_HIDDEN);
      add("cpb_2_weight", "attn.cpb_mlp.2.weight", normal(STD), true, stage.heads(), BIAS_HIDDEN);
      add("qkv_weight", "attn.qkv.weight", normal(STD), true, 3L * width, width);
    } else {
      String table = "attn.relative_position_bias_table";
      add("bias_table", table, normal(STD), true, stage.tableRows(), stage.heads());
      add("qkv_weight", "attn.qkv.weight", normal(STD), true, 3L * width, width);
      if (config.qkvBias()) {
        add("qkv_bias", "attn.qkv.bias", constant(0), false, 3L * width);
      }
    }
    add("proj_weight", "attn.proj.weight", normal(STD), true, width, width);
    add("proj_bias", "attn.proj.bias", constant(0), false, width);
  }

  private void begin(String newPrefix) {
    prefix = newPrefix;
    origin = newPrefix.contains("blocks.") ? parameters.size() : 0;
  }

  private void addNorm(String place, String name, int width, double gain) {
    add(place + "_weight", name + ".weight", constant(gain), false, width);
    add(place + "_bias", name + ".bias", constant(0), false, width);
  }

  private void add(
      String place, String name, Initializer initializer, boolean decays, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      sizes.add(size);
    }
    places.putIfAbsent(place, parameters.size() - origin);
    parameters.add(
        new ParameterSpec(new TensorSpec("encoder." + prefix + name, sizes), initializer, decays));
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  @Override
  public int width() {
    return stages.get(stages.size() - 1).width();
  }

  @Override
  public int patchSize() {
    return config.patchSize();
  }

  @Override
  public int patchSide() {
    return stages.get(0).side();
  }

  @Override
  public int stride() {
    return config.stride();
  }

  @Override
  public int gridSide() {
    return stages.get(stages.size() - 1).side();
  }

  @Override
  public void addTo(TorchScriptSource source, boolean bf16) {
    Map<String, Object> values = new LinkedHashMap<>(places);
    values.keySet().removeIf(place -> place.startsWith("reduction"));
    OPTIONAL_IN_BLOCK.forEach(place -> values.putIfAbsent(place, 0));
    values.putIfAbsent("pos_embed", 0);
    values.put("width", config.embedDim());
    values.put("version_2", version2);
    values.put("has_qkv_bias", config.qkvBias());
    values.put("has_pos_embed", config.absolutePosition());
    values.put("stages", stages.size());
    values.put("sides", stages.stream().map(SwinStage::side).toList());
    values.put("windows", stages.stream().map(SwinStage::window).toList());
    values.put("heads", config.numHeads());
    values.put("depths", config.depth());
    values.put("firsts", firsts);
    values.put("merges", merges.isEmpty() ? List.of(0) : merges);
    source.add(SwinEncoder.class, "blocks.torchscript", Map.of("bf16", bf16));
    source.add(SwinEncoder.class, "swin.torchscript", values);
  }

  @Override
  public List<long[]> constants() {
    List<long[]> constants = new ArrayList<>();
    for (SwinStage stage : stages) {
      constants.add(stage.pairRows());
      constants.add(stage.regions());
      constants.add(stage.offsets());
    }
    return constants;
  }

  @Override
  public double[] dropPathRates() {
    return DropPath.linearRates(config.dropPathRate(), config.blocks());
  }
}
