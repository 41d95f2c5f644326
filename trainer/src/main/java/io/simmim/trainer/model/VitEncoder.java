package io.simmim.trainer.model;

import static io.simmim.trainer.model.Initializer.constant;
import static io.simmim.trainer.model.Initializer.truncatedNormal;

import io.simmim.trainer.TensorSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Vision Transformer as SimMIM trains it (Xie et al., CVPR 2022, section 3.2 and the official
 * code): a learnable mask token in place of masked patches, a class token, absolute position
 * embedding or relative position bias, layer scale, stochastic depth, pre-norm blocks.
 */
final class VitEncoder implements Encoder {
  private static final double STD = 0.02;

  /** Parameters of a block that depend on the configuration, by their name in the source. */
  private static final List<String> OPTIONAL_IN_BLOCK =
      List.of("gamma_1", "gamma_2", "q_bias", "v_bias", "block_table");

  private final EncoderConfig config;
  private final int gridSide;
  private final List<ParameterSpec> parameters = new ArrayList<>();
  private final Map<String, Integer> places = new LinkedHashMap<>();

  VitEncoder(EncoderConfig config, int imageSize) {
    this.config = config;
    this.gridSide = imageSize / config.patchSize();
    addTokens();
    for (int block = 0; block < config.blocks(); block++) {
      addBlock(block);
    }
    addNorm("norm", "norm");
  }

  private void addTokens() {
    int width = config.embedDim();
    int patch = config.patchSize();
    add("cls_token", "cls_token", normal(1), false, 1, 1, width);
    if (config.absolutePosition()) {
      long tokens = (long) gridSide * gridSide + 1;
      add("pos_embed", "pos_embed", normal(1), false, 1, tokens, width);
    }
    add("mask_token", "mask_token", normal(1), true, 1, 1, width);
    add("patch_weight", "patch_embed.proj.weight", normal(1), true, width, 3, patch, patch);
    add("patch_bias", "patch_embed.proj.bias", constant(0), false, width);
    if (config.relativePositionBias() == RelativePositionBias.SHARED) {
      addTable("shared_table", "rel_pos_bias.");
    }
  }

  private void addBlock(int block) {
    int width = config.embedDim();
    int hidden = config.mlpWidth();
    String name = "blocks." + block + ".";
    double rescale = 1 / StrictMath.sqrt(2.0 * (block + 1));
    places.putIfAbsent("blocks", parameters.size());
    int first = parameters.size();
    if (config.layerScaleInit() > 0) {
      add("gamma_1", name + "gamma_1", constant(config.layerScaleInit()), false, width);
      add("gamma_2", name + "gamma_2", constant(config.layerScaleInit()), false, width);
    }
    addNorm("norm1", name + "norm1");
    if (config.qkvBias()) {
      add("q_bias", name + "attn.q_bias", constant(0), false, width);
      add("v_bias", name + "attn.v_bias", constant(0), false, width);
    }
    if (config.relativePositionBias() == RelativePositionBias.PER_BLOCK) {
      addTable("block_table", name + "attn.");
    }
    add("qkv_weight", name + "attn.qkv.weight", normal(1), true, 3L * width, width);
    add("proj_weight", name + "attn.proj.weight", normal(rescale), true, width, width);
    add("proj_bias", name + "attn.proj.bias", constant(0), false, width);
    addNorm("norm2", name + "norm2");
    add("fc1_weight", name + "mlp.fc1.weight", normal(1), true, hidden, width);
    add("fc1_bias", name + "mlp.fc1.bias", constant(0), false, hidden);
    add("fc2_weight", name + "mlp.fc2.weight", normal(rescale), true, width, hidden);
    add("fc2_bias", name + "mlp.fc2.bias", constant(0), false, width);
    places.putIfAbsent("block_size", parameters.size() - first);
  }

  private void addNorm(String place, String name) {
    add(place + "_weight", name + ".weight", constant(1), false, config.embedDim());
    add(place + "_bias", name + ".bias", constant(0), false, config.embedDim());
  }

  private void addTable(String place, String owner) {
    long distances = (long) (2 * gridSide - 1) * (2 * gridSide - 1) + 3;
    String name = owner + "relative_position_bias_table";
    add(place, name, constant(0), true, distances, heads());
  }

  private void add(
      String place, String name, Initializer initializer, boolean decays, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      sizes.add(size);
    }
    int blocks = places.getOrDefault("blocks", -1);
    boolean inBlock = blocks >= 0 && name.startsWith("blocks.");
    places.putIfAbsent(place, parameters.size() - (inBlock ? blocks : 0));
    parameters.add(
        new ParameterSpec(new TensorSpec("encoder." + name, sizes), initializer, decays));
  }

  private int heads() {
    return config.numHeads().get(0);
  }

  private static Initializer normal(double factor) {
    return truncatedNormal(STD, factor);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
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
  public void addTo(TorchScriptSource source, boolean bf16) {
    Map<String, Object> values = new LinkedHashMap<>(places);
    OPTIONAL_IN_BLOCK.forEach(place -> values.putIfAbsent(place, 0));
    values.putIfAbsent("shared_table", 0);
    values.putIfAbsent("pos_embed", 0);
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
    source.add(VitEncoder.class, "blocks.torchscript", Map.of("bf16", bf16));
    source.add(VitEncoder.class, "vit.torchscript", values);
  }

  /**
   * The row of the bias table for each pair of tokens, (N, N): first the offsets between two cells,
   * row by row, then class token to cell, cell to class token, class token to itself.
   */
  @Override
  public List<long[]> constants() {
    int tokens = gridSide * gridSide + 1;
    int span = 2 * gridSide - 1;
    long special = (long) span * span;
    long[] index = new long[tokens * tokens];
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
    return List.of(index);
  }

  @Override
  public double[] dropPathRates() {
    return DropPath.linearRates(config.dropPathRate(), config.blocks());
  }
}
