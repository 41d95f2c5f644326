package io.simmim.trainer.model.encoder;

import static io.simmim.trainer.model.parameter.Initializer.constant;
import static io.simmim.trainer.model.parameter.Initializer.normal;

import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Parameters and source of Swin blocks, for encoders and heads: attention in windows, which every
 * other block shifts by half a window, and an MLP.
 *
 * @param version2 whether they are those of Swin Transformer V2: scaled cosine attention,
 *     log-spaced continuous position bias, norms behind the residual branches
 */
public record SwinBlocks(boolean version2, boolean qkvBias, double mlpRatio) {
  public static final double STD = 0.02;

  /** Hidden width of the network that makes version 2's position bias. */
  private static final int BIAS_HIDDEN = 512;

  /** Version 2's cosine attention begins with a temperature of one tenth. */
  private static final double LOGIT_SCALE = StrictMath.log(10);

  /** Parameters of a block that depend on version and configuration. */
  private static final List<String> OPTIONAL =
      List.of(
          "bias_table",
          "qkv_bias",
          "q_bias",
          "v_bias",
          "logit_scale",
          "cpb_0_weight",
          "cpb_0_bias",
          "cpb_2_weight");

  /** What the source of the blocks looks up; the rest of a list is its owner's. */
  private static final List<String> REQUIRED =
      List.of(
          "norm1_weight",
          "norm1_bias",
          "qkv_weight",
          "proj_weight",
          "proj_bias",
          "norm2_weight",
          "norm2_bias",
          "fc1_weight",
          "fc1_bias",
          "fc2_weight",
          "fc2_bias");

  /** Adds the parameters of one block, which has begun. */
  public void addBlock(ParameterList parameters, SwinStage stage) {
    int width = stage.width();
    int hidden = (int) (width * mlpRatio);
    // Version 2 begins with silent branches.
    double gain = version2 ? 0 : 1;
    parameters.addNorm("norm1", "norm1", width, gain);
    addAttention(parameters, stage);
    parameters.addNorm("norm2", "norm2", width, gain);
    parameters.addLinear("fc1", "mlp.fc1", normal(STD), hidden, width);
    parameters.addLinear("fc2", "mlp.fc2", normal(STD), width, hidden);
  }

  private void addAttention(ParameterList parameters, SwinStage stage) {
    int width = stage.width();
    int heads = stage.heads();
    if (version2) {
      // Weight decay of the scale: the official keywords that exempt it never match.
      parameters.add("logit_scale", "attn.logit_scale", constant(LOGIT_SCALE), true, heads, 1, 1);
      if (qkvBias) {
        parameters.add("q_bias", "attn.q_bias", constant(0), false, width);
        parameters.add("v_bias", "attn.v_bias", constant(0), false, width);
      }
      parameters.addExactLinear("cpb_0", "attn.cpb_mlp.0", normal(STD), BIAS_HIDDEN, 2);
      parameters.add(
          "cpb_2_weight", "attn.cpb_mlp.2.weight", normal(STD), true, heads, BIAS_HIDDEN);
      parameters.addRounded("qkv_weight", "attn.qkv.weight", normal(STD), true, 3L * width, width);
    } else {
      String table = "attn.relative_position_bias_table";
      parameters.add("bias_table", table, normal(STD), true, stage.tableRows(), heads);
      parameters.addRounded("qkv_weight", "attn.qkv.weight", normal(STD), true, 3L * width, width);
      if (qkvBias) {
        parameters.addRounded("qkv_bias", "attn.qkv.bias", constant(0), false, 3L * width);
      }
    }
    parameters.addLinear("proj", "attn.proj", normal(STD), width, width);
  }

  /**
   * Adds the methods.
   *
   * @param scope what the names of the methods begin with
   * @param derivedBias which of the tensors derived of a block's parameters is its windows' bias;
   *     -1 if none are
   */
  public void addTo(
      TorchScriptSource source, String scope, ParameterList parameters, int derivedBias) {
    Map<String, Object> values = parameters.places();
    values.keySet().removeIf(place -> !REQUIRED.contains(place) && !OPTIONAL.contains(place));
    OPTIONAL.forEach(place -> values.putIfAbsent(place, 0));
    values.put("scope", scope);
    values.put("derives", derivedBias >= 0);
    values.put("derived_bias", derivedBias);
    values.put("version_2", version2);
    values.put("has_qkv_bias", qkvBias);
    source.add(SwinBlocks.class, "swin-block.torchscript", values);
  }

  /** Per stage: rows of the bias table, regions of shifted windows, the table's offsets. */
  public static List<ConstantTensor> constants(List<SwinStage> stages) {
    List<ConstantTensor> constants = new ArrayList<>();
    for (SwinStage stage : stages) {
      constants.add(new ConstantTensor.Integers(stage.pairRows()));
      constants.add(new ConstantTensor.Integers(stage.regions()));
      constants.add(new ConstantTensor.Integers(stage.offsets()));
    }
    return constants;
  }
}
