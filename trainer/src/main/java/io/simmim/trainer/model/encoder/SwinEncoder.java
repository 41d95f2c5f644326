package io.simmim.trainer.model.encoder;

import static io.simmim.trainer.model.parameter.Initializer.normal;
import static io.simmim.trainer.model.parameter.Initializer.uniform;

import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Swin Transformer (Liu et al., ICCV 2021) and Swin Transformer V2 (Liu et al., CVPR 2022) with
 * SimMIM's mask token in place of masked patches: stages of halving resolution, made of {@link
 * SwinBlocks}. The largest of version 2 have further norms on the main branch (section 3.2 there);
 * interpreted: behind the blocks whose number within the stage is a multiple of their interval.
 */
final class SwinEncoder implements Encoder {
  private static final double STD = SwinBlocks.STD;

  private final EncoderConfig config;
  private final boolean version2;
  private final SwinBlocks blocks;
  private final List<SwinStage> stages;
  private final EncoderParts parts;
  private final ParameterList parameters;

  /** Of each block: stage, by how many patches its windows are moved, first parameter. */
  private final List<Integer> stageOfBlock = new ArrayList<>();

  private final List<Integer> shifts = new ArrayList<>();
  private final List<Integer> origins = new ArrayList<>();

  /** Of each block: first parameter of the norm, and of the merging, that follow it; or -1. */
  private final List<Integer> mainNorms = new ArrayList<>();

  private final List<Integer> merges = new ArrayList<>();

  SwinEncoder(EncoderConfig config, int imageSize) {
    this(config, imageSize, EncoderParts.MASKED);
  }

  /**
   * @param parts with a last norm, which belongs to every Swin
   */
  SwinEncoder(EncoderConfig config, int imageSize, EncoderParts parts) {
    this.config = config;
    this.parts = parts;
    parameters = new ParameterList(parts.root(), 0);
    version2 = config.type() == EncoderType.SWINV2;
    blocks = new SwinBlocks(version2, config.qkvBias(), config.mlpRatio());
    stages = SwinStage.of(config, imageSize);
    addTokens();
    for (int stage = 0; stage < stages.size(); stage++) {
      addStage(stage);
    }
    parameters.begin("");
    parameters.addNorm("norm", "norm", width(), 1);
  }

  private void addTokens() {
    int width = config.embedDim();
    int patch = config.patchSize();
    if (config.absolutePosition()) {
      long patches = (long) patchSide() * patchSide();
      parameters.add("pos_embed", "absolute_pos_embed", normal(STD), false, 1, patches, width);
    }
    if (parts.hasMaskToken()) {
      parameters.add("mask_token", "mask_token", normal(STD), false, 1, 1, width);
    }
    // torch.nn.Conv2d's default: U(±1/sqrt(fan in)).
    Initializer weights = uniform(1 / StrictMath.sqrt(3.0 * patch * patch));
    parameters.addRounded(
        "patch_weight", "patch_embed.proj.weight", weights, true, width, 3, patch, patch);
    parameters.addRounded("patch_bias", "patch_embed.proj.bias", weights, false, width);
    parameters.addNorm("patch_norm", "patch_embed.norm", width, 1);
  }

  private void addStage(int number) {
    SwinStage stage = stages.get(number);
    for (int block = 0; block < stage.depth(); block++) {
      stageOfBlock.add(number);
      shifts.add(stage.shift(block));
      origins.add(
          parameters.beginBlock(String.format(Locale.ROOT, "layers.%d.blocks.%d.", number, block)));
      blocks.addBlock(parameters, stage);
      boolean hasNorm =
          config.mainNormInterval() > 0 && (block + 1) % config.mainNormInterval() == 0;
      mainNorms.add(hasNorm ? parameters.size() : -1);
      if (hasNorm) {
        parameters.addNorm("main_norm", "norm3", stage.width(), 1);
      }
      merges.add(-1);
    }
    if (number + 1 < stages.size()) {
      int first = parameters.begin(String.format(Locale.ROOT, "layers.%d.downsample.", number));
      merges.set(merges.size() - 1, first);
      int width = stage.width();
      parameters.addRounded(
          "reduction", "reduction.weight", normal(STD), true, 2L * width, 4L * width);
      parameters.addNorm("reduction_norm", "norm", (version2 ? 2 : 4) * width, 1);
    }
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
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
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> places = parameters.places();
    blocks.addTo(source, "", parameters, derivedInBlock() - 1);
    Map<String, Object> values = new HashMap<>();
    for (String place :
        List.of(
            "patch_weight",
            "patch_bias",
            "patch_norm_weight",
            "patch_norm_bias",
            "norm_weight",
            "norm_bias")) {
      values.put(place, places.get(place));
    }
    values.put("pos_embed", places.getOrDefault("pos_embed", 0));
    values.put("mask_token", places.getOrDefault("mask_token", 0));
    values.put("has_mask_token", parts.hasMaskToken());
    values.put("first_constant", firstConstant);
    values.put("width", config.embedDim());
    values.put("side", patchSide());
    values.put("version_2", version2);
    values.put("has_pos_embed", config.absolutePosition());
    values.put("windows", stages.stream().map(SwinStage::window).toList());
    values.put("reaches", stages.stream().map(SwinStage::reach).toList());
    values.put("heads", config.numHeads());
    values.put("stage_of_block", stageOfBlock);
    values.put("shifts", shifts);
    values.put("origins", origins);
    values.put("main_norms", mainNorms);
    values.put("merges", merges);
    values.put("joins_biases", joinsBiases());
    values.put("derived_in_block", derivedInBlock());
    source.add(SwinEncoder.class, "swin.torchscript", values);
  }

  /** Version 2 has biases of queries and values, whose products take one of all three. */
  private boolean joinsBiases() {
    return version2 && config.qkvBias();
  }

  /** The joint bias, and that of the windows. */
  private int derivedInBlock() {
    return joinsBiases() ? 2 : 1;
  }

  @Override
  public int derivedTensors() {
    return config.blocks() * derivedInBlock();
  }

  @Override
  public List<ConstantTensor> constants() {
    return SwinBlocks.constants(stages);
  }

  @Override
  public List<AttentionLayer> attentionLayers() {
    List<AttentionLayer> layers = new ArrayList<>();
    for (int block = 0; block < shifts.size(); block++) {
      int stage = stageOfBlock.get(block);
      int patch = config.patchSize() << stage;
      layers.add(stages.get(stage).attentionLayer(shifts.get(block), patch));
    }
    return layers;
  }

  @Override
  public int segments() {
    return config.blocks();
  }

  @Override
  public double[] dropPathRates() {
    return DropPath.linearRates(config.dropPathRate(), config.blocks());
  }
}
