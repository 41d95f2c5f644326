package io.simmim.trainer.model.objective;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderSettings;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.TargetConfig;

/** Settings of SimMIM's encoders, and of what the official code has no names for. */
final class SimMimSettings implements ObjectiveSettings {
  /** The official code's window where it only says that targets are normalised. */
  private static final int NORM_TARGET_PATCH = 47;

  @Override
  public String method() {
    return "SimMIM";
  }

  @Override
  public String explanation() {
    return "The encoder learned from images without labels: patches are hidden, and a small head predicts what"
        + " was there\n(Xie et al., *SimMIM: A Simple Framework for Masked Image Modeling*, CVPR 2022).";
  }

  @Override
  public boolean drawsMasks() {
    return false;
  }

  @Override
  public double maskRatio() {
    return 0.6;
  }

  @Override
  public String modelType(ModelChoices model) {
    return KebabCase.of(model.encoder().type());
  }

  @Override
  public void write(ObjectNode json, ModelChoices model, ClusterColors colors) {
    EncoderConfig encoder = model.encoder();
    TargetConfig target = model.target();
    EncoderSettings.writeShape(json, encoder);
    EncoderSettings.writeVariant(json, encoder);
    json.put("encoder_stride", encoder.stride());
    json.put("head_type", KebabCase.of(model.head().type()));
    if (model.head().type().isInverseSwin()) {
      json.put("head_window_size", model.head().windowSize());
    }
    json.put("target_type", KebabCase.of(target.type()));
    switch (target.type()) {
      case PIXELS -> json.put("norm_target_per_cell", target.normPerCell());
      case BINS -> json.put("bins", target.bins());
      case CLUSTERS -> json.putPOJO("cluster_colors", colors.values());
    }
    json.put("target_downsampling", target.downsampling());
    json.put("norm_target_patch_size", target.normPatchSize());
    json.put("loss_type", KebabCase.of(model.loss().type()));
    json.put("loss_area", KebabCase.of(model.loss().area()));
  }

  @Override
  public ModelChoices read(JsonNode json) {
    HeadConfig head = HeadConfig.LINEAR;
    LossConfig loss = LossConfig.SIMMIM;
    return new ModelChoices(
        ObjectiveConfig.SIMMIM,
        EncoderSettings.read(json),
        new HeadConfig(
            constant(json, "head_type", head.type()),
            json.path("head_window_size").asInt(head.windowSize())),
        target(json),
        new LossConfig(
            constant(json, "loss_type", loss.type()), constant(json, "loss_area", loss.area())));
  }

  private static TargetConfig target(JsonNode json) {
    TargetConfig pixels = TargetConfig.PIXELS;
    int window = json.path("norm_target").asBoolean(false) ? NORM_TARGET_PATCH : 0;
    JsonNode colors = json.path("cluster_colors");
    return new TargetConfig(
        constant(json, "target_type", pixels.type()),
        json.path("target_downsampling").asInt(pixels.downsampling()),
        json.path("norm_target_patch_size").asInt(window),
        json.path("norm_target_per_cell").asBoolean(pixels.normPerCell()),
        json.path("bins").asInt(pixels.bins()),
        colors.isMissingNode() ? pixels.clusters() : colors.size() / 3,
        null);
  }

  private static <E extends Enum<E>> E constant(JsonNode json, String key, E byDefault) {
    if (!json.has(key)) {
      return byDefault;
    }
    String name = json.path(key).asText();
    return KebabCase.find(byDefault.getDeclaringClass(), name)
        .orElseThrow(
            () -> new IllegalArgumentException("%s %s is not supported".formatted(key, name)));
  }
}
