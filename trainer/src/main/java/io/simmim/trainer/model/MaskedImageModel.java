package io.simmim.trainer.model;

import io.simmim.trainer.model.encoder.AttentionLayer;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.encoder.PatchIndex.Cells;
import io.simmim.trainer.model.encoder.Trunk;
import io.simmim.trainer.model.head.PredictionHead;
import io.simmim.trainer.model.objective.Objective;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder with a prediction head and the objective of masked image modeling (Xie et al., CVPR
 * 2022, sections 3.3 and 3.4): the loss on what the head says about masked pixels.
 */
public final class MaskedImageModel implements TrainableModel {
  private final ModelConfig config;
  private final ClusterColors colors;
  private final Objective objective;
  private final Encoder encoder;
  private final PredictionHead head;
  private final List<ParameterSpec> parameters;

  /**
   * @param colors as many as the target asks for, or none
   */
  public MaskedImageModel(ModelConfig config, ClusterColors colors) {
    this.config = config;
    this.colors = colors;
    int needed = config.target().type() == TargetType.CLUSTERS ? config.target().clusters() : 0;
    if (colors.count() != needed) {
      throw new IllegalArgumentException(
          "the model needs the colours of %d clusters: %d".formatted(needed, colors.count()));
    }
    objective = Objective.of(config.objective());
    encoder = objective.encoder(config.encoder(), config.imageSize());
    head = objective.head(config.head(), config.target(), config.imageSize(), encoder);
    parameters = new ArrayList<>(encoder.parameters());
    parameters.addAll(head.parameters());
  }

  @Override
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  /**
   * Which images of a micro-batch skip which branches.
   *
   * @param number of the micro-batch in the whole run
   */
  public DropPath dropPath(int images, long seed, long number) {
    return DropPath.draw(encoder.dropPathRates(), images, seed, number);
  }

  /** Nothing is skipped, as in evaluation. */
  public DropPath noDropPath(int images) {
    return DropPath.none(encoder.dropPathRates().length, images);
  }

  /**
   * The index of a training pass.
   *
   * @param masks (m, G, G), 1 = masked
   * @throws IllegalArgumentException if the objective cannot learn from such masks
   */
  public PatchIndex trainingIndex(byte[] masks, DropPath dropPath) {
    objective.requireMasks(masks, config.maskSide());
    Cells counted = config.loss().area() == LossArea.FULL ? Cells.ALL : Cells.MASKED;
    Cells wanted = head.needsAllCells() ? Cells.ALL : counted;
    return PatchIndex.of(
        masks, config.maskSide(), encoder, dropPath, wanted, counted, countsParts());
  }

  /** The index of a prediction: of every cell. */
  public PatchIndex predictionIndex(byte[] masks, DropPath dropPath) {
    objective.requireMasks(masks, config.maskSide());
    return PatchIndex.of(masks, config.maskSide(), encoder, dropPath, Cells.ALL, Cells.ALL, false);
  }

  /**
   * The index of whole images, for {@code features}.
   *
   * @param dropPath drops nothing
   */
  public PatchIndex wholeIndex(DropPath dropPath) {
    return PatchIndex.ofWholeImages(encoder, dropPath);
  }

  /**
   * What {@code features} says.
   *
   * @param tokens (B * T, C)
   */
  public Features features(float[] tokens, int images) {
    return Features.of(tokens, images, encoder.gridSide(), encoder.trunk());
  }

  private boolean countsParts() {
    return config.loss().area() == LossArea.MASKED && config.masksPartsOfCells();
  }

  /** Adds, besides those of the gradients, the methods {@code predict} and {@code features}. */
  @Override
  public TorchScriptSource addTo(TorchScriptSource source, Precision precision) {
    SharedSource.addBlocks(source, encoder, precision);
    // Before them, mean and deviation of the channels, and the colours of clusters.
    int firstConstant = 3;
    source.define("parameters", parameters.size());
    source.define("vit_epsilon", config.norms().epsilon());
    source.define("vit_last_norm", !config.norms().behindPooling());
    encoder.addTo(source, firstConstant);
    head.addTo(source, firstConstant + encoder.constants().size());
    SharedSource.addPixels(source);
    source.add(MaskedImageModel.class, "target.torchscript", targetValues());
    source.add(MaskedImageModel.class, "objective.torchscript", objectiveValues());
    SharedSource.addGradients(
        source, encoder, config.recompute(), ParameterLayout.of(parameters, precision));
    return source;
  }

  /**
   * Adds the method {@code layers}, which needs those of {@link #addTo}: of whole images the
   * features behind each block.
   */
  public TorchScriptSource addLayersTo(TorchScriptSource source) {
    Trunk trunk = encoder.trunk();
    Map<String, Object> values = new HashMap<>();
    values.put("patch_side", encoder.patchSide());
    values.put("patch", encoder.patchSize());
    values.put("blocks", config.encoder().blocks());
    values.put("trunk_segments", trunk.segments());
    values.put("trunk_end", trunk.end());
    values.put("class_token", trunk.classToken());
    values.put("channels_first", config.encoder().type() == EncoderType.RESNET);
    return source.add(MaskedImageModel.class, "layers.torchscript", values);
  }

  /** Where the tokens are that attend to each other, block by block; none without attention. */
  public List<AttentionLayer> attentionLayers() {
    return encoder.attentionLayers();
  }

  /**
   * Adds the method {@code attention_of_blocks}, which needs those of {@link #addTo}: of whole
   * images what the heads of each block attend to.
   *
   * @param maps the patches, equally many of each block, whose attention is returned itself
   */
  public TorchScriptSource addAttentionTo(TorchScriptSource source, List<int[]> maps) {
    List<AttentionLayer> layers = encoder.attentionLayers();
    List<Integer> windows = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    for (int block = 0; block < layers.size(); block++) {
      for (int patch : maps.get(block)) {
        windows.add(layers.get(block).windowOf(patch));
        tokens.add(layers.get(block).tokenOf(patch));
      }
    }
    Map<String, Object> values = new HashMap<>();
    values.put("patch_side", encoder.patchSide());
    values.put("patch", encoder.patchSize());
    values.put("blocks", layers.size());
    values.put("maps", windows.size() / layers.size());
    values.put("map_windows", windows);
    values.put("map_tokens", tokens);
    return source.add(MaskedImageModel.class, "attention-statistics.torchscript", values);
  }

  /** Adds the method {@code image_loss}, which needs those of {@link #addTo}. */
  public TorchScriptSource addLossTo(TorchScriptSource source) {
    Map<String, Object> values =
        Map.of("patch_side", encoder.patchSide(), "patch", encoder.patchSize());
    return source.add(MaskedImageModel.class, "image-loss.torchscript", values);
  }

  /** Whether the encoder has a class token. */
  public boolean hasClassToken() {
    return encoder.trunk().classToken();
  }

  private Map<String, Object> targetValues() {
    TargetConfig target = config.target();
    Map<String, Object> values = new HashMap<>();
    values.put("side", encoder.gridSide());
    values.put("cell", encoder.stride());
    values.put("per_side", encoder.stride() / target.downsampling());
    values.put("downsampling", target.downsampling());
    values.put("pixels", target.type() == TargetType.PIXELS);
    values.put("bins_of_channels", target.type() == TargetType.BINS);
    values.put("bins", target.bins());
    values.put("groups", target.type() == TargetType.CLUSTERS ? 1 : 3);
    values.put("classes", target.type() == TargetType.BINS ? target.bins() : target.clusters());
    values.put("locally_normalised", target.normPatchSize() > 0);
    values.put("normalised_per_cell", target.normPerCell());
    values.put("target_window", Math.max(1, target.normPatchSize()));
    values.put("target_reach", target.normPatchSize() / 2);
    values.put("loss_l1", config.loss().type() == LossType.L1);
    values.put("loss_l2", config.loss().type() == LossType.L2);
    return values;
  }

  private Map<String, Object> objectiveValues() {
    int downsampling = config.target().downsampling();
    int patch = encoder.patchSize();
    Map<String, Object> values = new HashMap<>();
    values.put("side", encoder.gridSide());
    values.put("cell", encoder.stride());
    values.put("per_side", encoder.stride() / downsampling);
    values.put("downsampling", downsampling);
    values.put("patch_side", encoder.patchSide());
    values.put("patch", patch);
    values.put("parts", encoder.stride() / patch);
    values.put("part_step", Math.max(1, downsampling / patch));
    values.put("part_repeats", Math.max(1, patch / downsampling));
    values.put("groups", config.target().type() == TargetType.CLUSTERS ? 1 : 3);
    values.put("full_area", config.loss().area() == LossArea.FULL);
    values.put("fine_masks", countsParts());
    values.put("trunk_segments", encoder.trunk().segments());
    values.put("trunk_end", encoder.trunk().end());
    return values;
  }

  @Override
  public int derivedTensors() {
    return encoder.derivedTensors();
  }

  @Override
  public List<ConstantTensor> constants() {
    List<ConstantTensor> constants =
        new ArrayList<>(SharedSource.constants(config.normalization()));
    constants.add(new ConstantTensor.Floats(colors.values()));
    constants.addAll(encoder.constants());
    constants.addAll(head.constants());
    return constants;
  }
}
