package io.simmim.trainer.interop.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.encoder.EncoderConfig;
import java.util.Optional;

/** What the configurations of several classes of transformers have in common. */
final class HuggingFaceJson {
  private static final String CLASSIFIER = "classifier.weight";

  private HuggingFaceJson() {}

  /** How the class of a model that may have a head for pixels ends. */
  static String task(PortableModel model) {
    if (model.isClassifier()) {
      return "ForImageClassification";
    }
    return model.pixelHead() ? "ForMaskedImageModeling" : "Model";
  }

  static void begin(ObjectNode json, String architecture, String modelType) {
    json.putArray("architectures").add(architecture);
    json.put("model_type", modelType);
    json.put("dtype", "float32");
    json.put("hidden_act", "gelu");
    json.put("hidden_dropout_prob", 0.0);
    json.put("attention_probs_dropout_prob", 0.0);
    json.put("initializer_range", 0.02);
    json.put("num_channels", 3);
  }

  static void vit(ObjectNode json, int imageSize, EncoderConfig encoder, double epsilon) {
    json.put("image_size", imageSize);
    json.put("patch_size", encoder.patchSize());
    json.put("hidden_size", encoder.embedDim());
    json.put("num_hidden_layers", encoder.depth().get(0));
    json.put("num_attention_heads", encoder.numHeads().get(0));
    json.put("intermediate_size", encoder.mlpWidth());
    json.put("layer_norm_eps", epsilon);
  }

  /** Adds the names of classes; those that are not known are the library's own for them. */
  static void end(ObjectNode json, Optional<ClassifierHead> classifier) {
    if (classifier.isEmpty()) {
      return;
    }
    ClassifierHead head = classifier.get();
    ObjectNode names = json.putObject("id2label");
    ObjectNode numbers = json.putObject("label2id");
    for (int i = 0; i < head.classes(); i++) {
      String name = head.names().isEmpty() ? "LABEL_" + i : head.names().get(i);
      names.put(Integer.toString(i), name);
      numbers.put(name, i);
    }
    if (head.classes() > 1) { // the library refuses it for one
      json.put("problem_type", "single_label_classification");
    }
  }

  /** The classifier of the library's classes for it. */
  static Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    if (!config.architecture().endsWith("ForImageClassification") || !shapes.has(CLASSIFIER)) {
      return Optional.empty();
    }
    int classes = shapes.size(CLASSIFIER, 0);
    return Optional.of(new ClassifierHead(classes, config.names("id2label", classes)));
  }

  static void requireSupported(ForeignConfig config) {
    config.require("hidden_act", "gelu");
    config.require("num_channels", "3");
    config.require("position_embedding_type", "absolute");
  }
}
