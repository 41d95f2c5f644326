package io.simmim.trainer.interop.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.EncoderShapes;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Masked autoencoders of transformers, with their decoder. */
public enum HuggingFaceMae implements ForeignKind {
  /** As all versions of transformers read it. */
  MAE("huggingface-vit-mae", "decoder_layers"),
  /** As newer ones write it. */
  NEWER("huggingface-vit-mae-newer", "decoder_encoder.layer");

  private static final String ARCHITECTURE = "ViTMAEForPreTraining";
  private static final String ENCODER_ALONE = "ViTMAEModel";

  /** The paper's; a description of a model here does not have it. */
  static final double MASK_RATIO = 0.75;

  private final String id;
  private final String layers;

  HuggingFaceMae(String id, String layers) {
    this.id = id;
    this.layers = layers;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Library library() {
    return Library.HUGGINGFACE;
  }

  @Override
  public String architecture(PortableModel model) {
    return model.pixelHead() ? ARCHITECTURE : ENCODER_ALONE;
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    boolean newer = names.stream().anyMatch(name -> name.startsWith("decoder." + NEWER.layers));
    return config.modelType().equals("vit_mae") && newer == (this == NEWER);
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    return ForeignHeads.obstacle(ARCHITECTURE, model);
  }

  @Override
  public boolean hasHead() {
    return true;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    ObjectiveConfig objective = model.model().objective();
    HuggingFaceJson.begin(json, architecture(model), "vit_mae");
    HuggingFaceJson.vit(json, model.model().imageSize(), encoder, model.model().norms().epsilon());
    json.put("qkv_bias", true);
    json.put("decoder_hidden_size", objective.decoderEmbedDim());
    json.put("decoder_num_hidden_layers", objective.decoderDepth());
    json.put("decoder_num_attention_heads", objective.decoderNumHeads());
    json.put("decoder_intermediate_size", (int) (objective.decoderEmbedDim() * encoder.mlpRatio()));
    json.put("mask_ratio", MASK_RATIO);
    json.put("norm_pix_loss", model.model().target().normPerCell());
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    HuggingFaceJson.requireSupported(config);
    config.require("qkv_bias", "true");
    int imageSize = config.side("image_size");
    int patch = config.side("patch_size");
    int width = config.integer("hidden_size");
    int decoderWidth = config.integer("decoder_hidden_size");
    double mlpRatio = EncoderShapes.mlpRatio(width, config.integer("intermediate_size"));
    if ((int) (decoderWidth * mlpRatio) != config.integer("decoder_intermediate_size")) {
      throw new IllegalArgumentException(
          "decoder_intermediate_size must be to decoder_hidden_size as intermediate_size to hidden_size, %s times: %d"
              .formatted(mlpRatio, config.integer("decoder_intermediate_size")));
    }
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            patch,
            width,
            List.of(config.integer("num_hidden_layers")),
            List.of(config.integer("num_attention_heads")),
            0,
            0,
            mlpRatio,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0);
    ObjectiveConfig objective =
        new ObjectiveConfig(
            ObjectiveType.MAE,
            decoderWidth,
            config.integer("decoder_num_hidden_layers"),
            config.integer("decoder_num_attention_heads"));
    return new ModelConfig(
            imageSize,
            Math.max(1, imageSize / patch),
            new ModelChoices(
                objective,
                encoder,
                HeadConfig.LINEAR,
                config.truth("norm_pix_loss", false)
                    ? TargetConfig.PIXELS_NORMALISED_PER_CELL
                    : TargetConfig.PIXELS,
                new LossConfig(LossType.L2, LossArea.MASKED)),
            false)
        .withNorms(new NormConfig(config.number("layer_norm_eps", 1e-12), false));
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    return NameTable.read(
        "huggingface-vit-mae.names",
        Map.of(
            "prefix",
            ForeignKind.prefix("vit.", found, model.pixelHead() ? "vit." : ""),
            "decoder_layers",
            layers));
  }
}
