package io.simmim.trainer.model.encoder;

import static io.simmim.trainer.model.parameter.Initializer.constant;
import static io.simmim.trainer.model.parameter.Initializer.truncatedNormal;

import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Vision Transformer as SimMIM trains it (Xie et al., CVPR 2022, section 3.2 and the official
 * code): a learnable mask token in place of masked patches, a class token, absolute position
 * embedding or relative position bias, layer scale, stochastic depth, pre-norm blocks.
 */
public final class VitEncoder implements Encoder {
  private static final double STD = 0.02;

  /** Parameters of a block that depend on the configuration, by their name in the source. */
  private static final List<String> OPTIONAL_IN_BLOCK =
      List.of("gamma_1", "gamma_2", "q_bias", "v_bias", "block_table");

  /** Others that depend on it. */
  private static final List<String> OPTIONAL =
      List.of("shared_table", "pos_embed", "mask_token", "norm_weight", "norm_bias");

  private final EncoderConfig config;
  private final int gridSide;
  private final EncoderParts parts;
  private final ParameterList parameters;
  private int firstBlock;
  private int blockSize;

  public VitEncoder(EncoderConfig config, int imageSize) {
    this(config, imageSize, EncoderParts.MASKED);
  }

  VitEncoder(EncoderConfig config, int imageSize, EncoderParts parts) {
    this.config = config;
    this.parts = parts;
    this.parameters = new ParameterList(parts.root(), 0);
    this.gridSide = imageSize / config.patchSize();
    addTokens();
    for (int block = 0; block < config.blocks(); block++) {
      addBlock(block);
    }
    parameters.begin("");
    if (parts.hasLastNorm()) {
      parameters.addNorm("norm", "norm", config.embedDim(), 1);
    }
  }

  private void addTokens() {
    int width = config.embedDim();
    int patch = config.patchSize();
    parameters.add("cls_token", "cls_token", normal(1), false, 1, 1, width);
    if (config.absolutePosition()) {
      long tokens = (long) gridSide * gridSide + 1;
      parameters.add("pos_embed", "pos_embed", normal(1), false, 1, tokens, width);
    }
    if (parts.hasMaskToken()) {
      parameters.add("mask_token", "mask_token", normal(1), true, 1, 1, width);
    }
    parameters.addRounded(
        "patch_weight", "patch_embed.proj.weight", normal(1), true, width, 3, patch, patch);
    parameters.addRounded("patch_bias", "patch_embed.proj.bias", constant(0), false, width);
    if (config.relativePositionBias() == RelativePositionBias.SHARED) {
      addTable("shared_table", "rel_pos_bias.");
    }
  }

  private void addBlock(int block) {
    int width = config.embedDim();
    int hidden = config.mlpWidth();
    double rescale = 1 / StrictMath.sqrt(2.0 * (block + 1));
    int first = parameters.beginBlock("blocks." + block + ".");
    if (block == 0) {
      firstBlock = first;
    }
    if (config.layerScaleInit() > 0) {
      parameters.add("gamma_1", "gamma_1", constant(config.layerScaleInit()), false, width);
      parameters.add("gamma_2", "gamma_2", constant(config.layerScaleInit()), false, width);
    }
    parameters.addNorm("norm1", "norm1", width, 1);
    if (config.qkvBias()) {
      parameters.add("q_bias", "attn.q_bias", constant(0), false, width);
      parameters.add("v_bias", "attn.v_bias", constant(0), false, width);
    }
    if (config.relativePositionBias() == RelativePositionBias.PER_BLOCK) {
      addTable("block_table", "attn.");
    }
    parameters.addRounded("qkv_weight", "attn.qkv.weight", normal(1), true, 3L * width, width);
    addEndOfBranch("proj", "attn.proj", rescale, width);
    parameters.addNorm("norm2", "norm2", width, 1);
    parameters.addLinear("fc1", "mlp.fc1", normal(1), hidden, width);
    addEndOfBranch("fc2", "mlp.fc2", rescale, hidden);
    blockSize = parameters.sizeOfBlock();
  }

  /** Layer scale multiplies its weight and bias before they are rounded. */
  private void addEndOfBranch(String place, String name, double rescale, int inputs) {
    int width = config.embedDim();
    if (config.layerScaleInit() > 0) {
      parameters.addExactLinear(place, name, normal(rescale), width, inputs);
    } else {
      parameters.addLinear(place, name, normal(rescale), width, inputs);
    }
  }

  private void addTable(String place, String owner) {
    long distances = (long) (2 * gridSide - 1) * (2 * gridSide - 1) + 3;
    String name = owner + "relative_position_bias_table";
    parameters.add(place, name, constant(0), true, distances, heads());
  }

  private int heads() {
    return config.numHeads().get(0);
  }

  private static Initializer normal(double factor) {
    return truncatedNormal(STD, factor);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public int width() {
    return config.embedDim();
  }

  @Override
  public int patchSize() {
    return config.patchSize();
  }

  @Override
  public int patchSide() {
    return gridSide;
  }

  @Override
  public int stride() {
    return config.patchSize();
  }

  @Override
  public int gridSide() {
    return gridSide;
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    OPTIONAL_IN_BLOCK.forEach(place -> values.putIfAbsent(place, 0));
    OPTIONAL.forEach(place -> values.putIfAbsent(place, 0));
    values.put("has_mask_token", parts.hasMaskToken());
    values.put("depth", config.blocks());
    values.put("width", config.embedDim());
    values.put("heads", heads());
    values.put("head_width", config.embedDim() / heads());
    values.put("head_scale", 1 / Math.sqrt((double) config.embedDim() / heads()));
    values.put("cells", gridSide * gridSide);
    values.put("tokens", gridSide * gridSide + 1);
    values.put("has_qkv_bias", config.qkvBias());
    values.put("has_layer_scale", config.layerScaleInit() > 0);
    values.put("has_pos_embed", config.absolutePosition());
    values.put("shared_bias", config.relativePositionBias() == RelativePositionBias.SHARED);
    values.put("block_bias", config.relativePositionBias() == RelativePositionBias.PER_BLOCK);
    values.put("blocks", firstBlock);
    values.put("block_size", blockSize);
    values.put("first_constant", firstConstant);
    values.put("wanted_tokens", PatchIndex.WANTED_TOKENS);
    values.put("attention_source", PatchIndex.ATTENTION_SOURCE);
    values.put("attention_target", PatchIndex.ATTENTION_TARGET);
    values.put("mlp_target", PatchIndex.MLP_TARGET);
    values.put("derived_in_block", derivedInBlock());
    values.put("derived_bias", derivedBias());
    values.put("scaled_proj", config.qkvBias() ? 1 : 0);
    values.put("scaled_fc2", config.qkvBias() ? 3 : 2);
    source.add(VitEncoder.class, "vit.torchscript", values);
  }

  /**
   * The joint bias of queries, keys and values; weights and biases with layer scale; a position
   * bias of the block's own.
   */
  private int derivedInBlock() {
    return derivedBias()
        + (config.relativePositionBias() == RelativePositionBias.PER_BLOCK ? 1 : 0);
  }

  private int derivedBias() {
    return (config.qkvBias() ? 1 : 0) + (config.layerScaleInit() > 0 ? 4 : 0);
  }

  @Override
  public int derivedTensors() {
    return config.blocks() * derivedInBlock();
  }

  /**
   * The row of the bias table for each pair of tokens, (N, N): first the offsets between two cells,
   * row by row, then class token to cell, cell to class token, class token to itself.
   */
  @Override
  public List<ConstantTensor> constants() {
    if (config.relativePositionBias() == RelativePositionBias.NONE) {
      return List.of();
    }
    int tokens = gridSide * gridSide + 1;
    int span = 2 * gridSide - 1;
    long special = (long) span * span;
    long[] index = new long[Math.multiplyExact(tokens, tokens)];
    for (int from = 0; from < tokens; from++) {
      for (int to = 0; to < tokens; to++) {
        long row;
        if (from == 0) {
          row = to == 0 ? special + 2 : special;
        } else if (to == 0) {
          row = special + 1;
        } else {
          int down = (from - 1) / gridSide - (to - 1) / gridSide + gridSide - 1;
          int right = (from - 1) % gridSide - (to - 1) % gridSide + gridSide - 1;
          row = (long) down * span + right;
        }
        index[from * tokens + to] = row;
      }
    }
    return List.of(new ConstantTensor.Integers(index));
  }

  @Override
  public List<AttentionLayer> attentionLayers() {
    AttentionLayer layer = AttentionLayer.ofWholeImages(heads(), gridSide, config.patchSize());
    return Collections.nCopies(config.blocks(), layer);
  }

  /** The last block works on the wanted cells alone, and is part of the end. */
  @Override
  public int segments() {
    return config.blocks() - 1;
  }

  @Override
  public Trunk trunk() {
    return new Trunk(segments(), "finish", width(), true);
  }

  @Override
  public double[] dropPathRates() {
    return DropPath.linearRates(config.dropPathRate(), config.blocks());
  }
}
