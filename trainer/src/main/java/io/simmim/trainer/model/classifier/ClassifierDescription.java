package io.simmim.trainer.model.classifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.DescriptionJson;
import io.simmim.trainer.model.NormalizationJson;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What is said of a classifier beside its weights.
 *
 * @param classes names in the order of their numbers; empty if they are not known
 */
public record ClassifierDescription(ClassifierConfig model, List<String> classes) {
  /** Value of {@code task}, which models that are pre-trained do not have. */
  public static final String TASK = "classification";

  public ClassifierDescription {
    classes = List.copyOf(classes);
    if (!classes.isEmpty() && classes.size() != model.classes()) {
      throw new IllegalArgumentException(
          "num_classes must be %d, as many as there are names: %d"
              .formatted(classes.size(), model.classes()));
    }
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
    NormalizationJson.write(json, model.normalization());
    json.put("num_classes", model.classes());
    ArrayNode names = json.putArray("classes");
    classes.forEach(names::add);
    return json;
  }

  /**
   * Reads a description. It must be whole: what would be written of the model that it describes.
   *
   * @param text of the file
   * @throws IllegalArgumentException if it is none, a key is missing, or what it describes is no
   *     classifier; the message is one line for people
   */
  public static ClassifierDescription parse(String text) {
    JsonNode json = DescriptionJson.parse(text);
    List.of("type", "image_size", "num_classes", "classes")
        .forEach(key -> DescriptionJson.require(json, key));
    List<String> classes = new ArrayList<>();
    json.get("classes").forEach(name -> classes.add(name.asText()));
    EncoderConfig encoder = EncoderSettings.read(json);
    Pooling pooling =
        json.path("use_mean_pooling").asBoolean(true) ? Pooling.MEAN : Pooling.CLASS_TOKEN;
    ClassifierConfig model =
        new ClassifierConfig(
            json.get("image_size").asInt(),
            encoder,
            pooling,
            json.get("num_classes").asInt(),
            false,
            NormalizationJson.read(json));
    ClassifierDescription description = new ClassifierDescription(model, classes);
    DescriptionJson.requireWrittenAs(json, description.json());
    return description;
  }
}
