package io.simmim.trainer.interop.timm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.PortableModel;
import java.util.List;
import java.util.Optional;

/** What timm's configurations have in common. */
final class TimmJson {
  /** Shorter side in evaluation is 256 where images are 224. */
  private static final double CROP = 224.0 / 256;

  private TimmJson() {}

  static void begin(ObjectNode json, String architecture, PortableModel model, String pool) {
    json.put("architecture", architecture);
    json.put("num_classes", model.head().map(ClassifierHead::classes).orElse(0));
    json.put("num_features", model.featureWidth());
    json.put("global_pool", pool);
  }

  /**
   * Adds how images are shown, and the names of classes where they are known.
   *
   * @param fixedSize whether the model takes images of one size only
   */
  static void pretrained(
      ObjectNode json,
      PortableModel model,
      boolean fixedSize,
      String firstLayer,
      String classifier) {
    int imageSize = model.model().imageSize();
    ObjectNode pretrained = json.putObject("pretrained_cfg");
    pretrained.put("tag", "simmim");
    pretrained.put("custom_load", false);
    pretrained.putArray("input_size").add(3).add(imageSize).add(imageSize);
    pretrained.put("fixed_input_size", fixedSize);
    pretrained.put("interpolation", "bicubic");
    pretrained.put("crop_pct", CROP);
    pretrained.put("crop_mode", "center");
    pretrained.putPOJO("mean", model.model().normalization().mean());
    pretrained.putPOJO("std", model.model().normalization().deviation());
    pretrained.put("num_classes", json.path("num_classes").asInt());
    pretrained.putNull("pool_size");
    pretrained.put("first_conv", firstLayer);
    pretrained.put("classifier", classifier);
    model
        .head()
        .filter(head -> !head.names().isEmpty())
        .ifPresent(head -> head.names().forEach(pretrained.putArray("label_names")::add));
  }

  /**
   * The classifier of a model.
   *
   * @param weight name of its weight
   */
  static Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes, String weight) {
    if (!shapes.has(weight)) {
      return Optional.empty();
    }
    int classes = shapes.size(weight, 0);
    List<String> names = config.object("pretrained_cfg").names("label_names", classes);
    return Optional.of(
        new ClassifierHead(
            classes, names.isEmpty() ? config.names("label_names", classes) : names));
  }
}
