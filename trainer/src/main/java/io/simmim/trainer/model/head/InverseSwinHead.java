package io.simmim.trainer.model.head;

import static io.simmim.trainer.model.parameter.Initializer.normal;

import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.SwinBlocks;
import io.simmim.trainer.model.encoder.SwinStage;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A Swin Transformer from its last stage to its first (SimMIM paper, table 2). Interpreted, since
 * the paper only names it: it begins with the stage whose patches are as large as the encoder's
 * cells (the last one behind a Swin, the third one behind a ViT with patches of 16 pixels), after a
 * linear layer to that stage's width; where Swin merges 2 × 2 patches by a linear layer from 4 C to
 * 2 C, this expands one by a linear layer from C to 4 × C/2, followed by a norm; a norm and a
 * linear layer from the last patches of 4 × 4 pixels to their pixels end it. With Swin-B this has
 * as many parameters as the paper's table says, to 1 %. Nothing is dropped by stochastic depth.
 */
public final class InverseSwinHead implements PredictionHead {
  private static final double STD = SwinBlocks.STD;

  /** Side in pixels of the last patches. */
  private static final int PATCH = 4;

  private static final int MLP_RATIO = 4;
  private static final int HEAD_WIDTH = 32;
  private static final String SCOPE = "head_";

  /** Depths of Swin-T and Swin-B from the first stage on. */
  private static final int[] TINY_DEPTHS = {2, 2, 6, 2};

  private static final int[] BASE_DEPTHS = {2, 2, 18, 2};

  private final ParameterList parameters;
  private final SwinBlocks blocks = new SwinBlocks(false, true, MLP_RATIO);
  private final List<SwinStage> stages;
  private final List<List<Integer>> origins = new ArrayList<>();
  private final List<Integer> expansions = new ArrayList<>();
  private final int gridSide;
  private final int channels;
  private final int perPatch;

  InverseSwinHead(HeadConfig config, TargetConfig target, int imageSize, Encoder encoder) {
    stages = stages(config, imageSize, encoder.stride());
    gridSide = encoder.gridSide();
    channels = target.channels();
    perPatch = PATCH / target.downsampling();
    parameters = new ParameterList("decoder.", encoder.parameters().size());
    long width = stages.get(0).width();
    parameters.addLinear("proj_in", "proj", normal(STD), width, encoder.width());
    for (int stage = 0; stage < stages.size(); stage++) {
      addStage(stage);
    }
    parameters.begin("");
    int last = stages.get(stages.size() - 1).width();
    parameters.addNorm("out_norm", "norm", last, 1);
    long outputs = (long) channels * perPatch * perPatch;
    parameters.addLinear("out", "pred", normal(STD), outputs, last);
  }

  private void addStage(int number) {
    SwinStage stage = stages.get(number);
    List<Integer> first = new ArrayList<>();
    for (int block = 0; block < stage.depth(); block++) {
      first.add(
          parameters.beginBlock(String.format(Locale.ROOT, "layers.%d.blocks.%d.", number, block)));
      blocks.addBlock(parameters, stage);
    }
    origins.add(first);
    if (number + 1 < stages.size()) {
      expansions.add(parameters.begin(String.format(Locale.ROOT, "layers.%d.upsample.", number)));
      long width = stage.width();
      parameters.addRounded("expand", "expand.weight", normal(STD), true, 2 * width, width);
      parameters.addNorm("expand_norm", "norm", stage.width() / 2, 1);
    }
  }

  /**
   * Checks that the head can stand behind an encoder.
   *
   * @throws IllegalArgumentException with what is allowed
   */
  public static void requireFits(
      int imageSize, EncoderConfig encoder, HeadConfig head, TargetConfig target) {
    if (target.downsampling() > PATCH) {
      throw new IllegalArgumentException(
          "target.downsampling must be at most %d with head.type %s, which ends at such patches: %d"
              .formatted(PATCH, KebabCase.of(head.type()), target.downsampling()));
    }
    stages(head, imageSize, encoder.stride());
  }

  /**
   * The stages in their order here.
   *
   * @throws IllegalArgumentException if the cells are no stage of a Swin, or windows do not divide
   *     a stage
   */
  public static List<SwinStage> stages(HeadConfig head, int imageSize, int cell) {
    boolean tiny = head.type() == HeadType.INVERSE_SWIN_TINY;
    int[] depths = tiny ? TINY_DEPTHS : BASE_DEPTHS;
    int embedDim = tiny ? 96 : 128;
    int first = Integer.numberOfTrailingZeros(cell / PATCH);
    if (cell % PATCH != 0 || Integer.bitCount(cell / PATCH) != 1 || first >= depths.length) {
      throw new IllegalArgumentException(
          "head.type %s needs encoder cells of 4, 8, 16 or 32 pixels: %d"
              .formatted(tiny ? "inverse-swin-tiny" : "inverse-swin-base", cell));
    }
    List<SwinStage> stages = new ArrayList<>();
    for (int stage = first; stage >= 0; stage--) {
      int side = imageSize / (PATCH << stage);
      int window = Math.min(side, head.windowSize());
      if (side % window != 0) {
        throw new IllegalArgumentException(
            "head.window-size must divide the %d patches of each side of a stage (or exceed them): %d"
                .formatted(side, window));
      }
      int width = embedDim << stage;
      stages.add(new SwinStage(side, window, width, depths[stage], width / HEAD_WIDTH));
    }
    return stages;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public boolean needsAllCells() {
    return true;
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    blocks.addTo(source, SCOPE, parameters, -1);
    Map<String, Object> values = parameters.places();
    values
        .keySet()
        .retainAll(
            List.of(
                "proj_in_weight",
                "proj_in_bias",
                "out_norm_weight",
                "out_norm_bias",
                "out_weight",
                "out_bias"));
    int cell = stages.get(stages.size() - 1).side() / gridSide;
    values.put("grid_side", gridSide);
    values.put("first_width", stages.get(0).width());
    values.put("sides", stages.stream().map(SwinStage::side).toList());
    values.put("windows", stages.stream().map(SwinStage::window).toList());
    values.put("heads", stages.stream().map(SwinStage::heads).toList());
    values.put("depths", stages.stream().map(SwinStage::depth).toList());
    values.put("origins", origins);
    values.put("expansions", expansions.isEmpty() ? List.of(0) : expansions);
    values.put("stages", stages.size());
    values.put("first_constant", firstConstant);
    values.put("patches", cell);
    values.put("per_patch", perPatch);
    values.put("channels", channels);
    source.add(InverseSwinHead.class, "head-inverse-swin.torchscript", values);
  }

  @Override
  public List<ConstantTensor> constants() {
    return SwinBlocks.constants(stages);
  }
}
