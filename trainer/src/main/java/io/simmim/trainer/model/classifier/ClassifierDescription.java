package io.simmim.trainer.model.classifier;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderSettings;
import java.util.List;

/**
 * What is said of a classifier beside its weights.
 *
 * @param classes names in the order of their numbers
 */
public record ClassifierDescription(ClassifierConfig model, List<String> classes) {
  /** Value of {@code task}, which models that are pre-trained do not have. */
  public static final String TASK = "classification";

  public ClassifierDescription {
    classes = List.copyOf(classes);
  }

  /** The description, as it is stored. */
  public ObjectNode json() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("type", KebabCase.of(model.encoder().type()));
    json.put("task", TASK);
    json.put("image_size", model.imageSize());
    EncoderSettings.writeShape(json, model.encoder());
    EncoderSettings.writeVariant(json, model.encoder());
    json.put("use_mean_pooling", model.pooling() == Pooling.MEAN);
    json.put("num_classes", model.classes());
    ArrayNode names = json.putArray("classes");
    classes.forEach(names::add);
    return json;
  }
}
