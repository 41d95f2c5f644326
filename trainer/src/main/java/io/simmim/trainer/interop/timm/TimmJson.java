package io.simmim.trainer.interop.timm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.Normalization;

/** What timm's configurations have in common. */
final class TimmJson {
  /** Shorter side in evaluation is 256 where images are 224. */
  private static final double CROP = 224.0 / 256;

  private TimmJson() {}

  static void begin(ObjectNode json, String architecture, int features, int classes, String pool) {
    json.put("architecture", architecture);
    json.put("num_classes", classes);
    json.put("num_features", features);
    json.put("global_pool", pool);
  }

  /**
   * Adds how images are shown.
   *
   * @param fixedSize whether the model takes images of one size only
   */
  static void pretrained(
      ObjectNode json, int imageSize, boolean fixedSize, String firstLayer, String classifier) {
    ObjectNode pretrained = json.putObject("pretrained_cfg");
    pretrained.put("tag", "simmim");
    pretrained.put("custom_load", false);
    pretrained.putArray("input_size").add(3).add(imageSize).add(imageSize);
    pretrained.put("fixed_input_size", fixedSize);
    pretrained.put("interpolation", "bicubic");
    pretrained.put("crop_pct", CROP);
    pretrained.put("crop_mode", "center");
    add(pretrained.putArray("mean"), Normalization.mean());
    add(pretrained.putArray("std"), Normalization.deviation());
    pretrained.put("num_classes", json.path("num_classes").asInt());
    pretrained.putNull("pool_size");
    pretrained.put("first_conv", firstLayer);
    pretrained.put("classifier", classifier);
  }

  static void add(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(value);
    }
  }
}
