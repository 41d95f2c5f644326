package io.simmim.trainer.model.objective;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.model.encoder.EncoderSettings;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;

/** Settings of {@code MaskedAutoencoderViT}. Stochastic depth is not among them. */
final class MaeSettings implements ObjectiveSettings {
  static final String MODEL_TYPE = "mae";

  @Override
  public String method() {
    return "MAE";
  }

  @Override
  public String explanation() {
    return "The encoder learned from images without labels: it sees a quarter of an image's patches, and a decoder"
        + " predicts\nthe pixels of the others (He et al., *Masked Autoencoders Are Scalable Vision Learners*,"
        + " CVPR 2022).";
  }

  @Override
  public boolean drawsMasks() {
    return true;
  }

  @Override
  public double maskRatio() {
    return 0.75;
  }

  @Override
  public String modelType(ModelChoices model) {
    return MODEL_TYPE;
  }

  @Override
  public void write(ObjectNode json, ModelChoices model, ClusterColors colors) {
    EncoderSettings.writeShape(json, model.encoder());
    json.put("decoder_embed_dim", model.objective().decoderEmbedDim());
    json.put("decoder_depth", model.objective().decoderDepth());
    json.put("decoder_num_heads", model.objective().decoderNumHeads());
    json.put("norm_pix_loss", model.target().normPerCell());
  }

  @Override
  public ModelChoices read(JsonNode json) {
    ObjectiveConfig objective =
        new ObjectiveConfig(
            ObjectiveType.MAE,
            json.path("decoder_embed_dim").asInt(),
            json.path("decoder_depth").asInt(),
            json.path("decoder_num_heads").asInt());
    boolean normalised = json.path("norm_pix_loss").asBoolean(false);
    return new ModelChoices(
        objective,
        EncoderSettings.readPlainVit(json),
        HeadConfig.LINEAR,
        normalised ? TargetConfig.PIXELS_NORMALISED_PER_CELL : TargetConfig.PIXELS,
        new LossConfig(LossType.L2, LossArea.MASKED));
  }
}
