package io.simmim.pipeline.evaluate;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * A model and the images that it is measured on.
 *
 * @param training images that are learned from
 * @param validation images that are classified, with the class numbers of the others
 * @param output for the result, if it is to be kept
 */
public record Evaluation(
    EvaluationRequest request,
    ModelFolder model,
    LabelledImages training,
    LabelledImages validation,
    Optional<RunFolder> output) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Looks for all of it.
   *
   * @param say takes lines for people
   */
  public static Evaluation open(
      EvaluationRequest request, SimmimConfig config, Consumer<String> say) {
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    ModelFolder model = ModelFolder.find(request.model());
    model.notes().forEach(say);
    Optional<RunFolder> output = request.output().map(RunFolder::open);
    LabelledImages training = LabelledImages.list("--input", request.input(), config.fetch(), say);
    LabelledImages validation =
        LabelledImages.list("--validation", request.validation(), config.fetch(), say)
            .numberedAs(training);
    return new Evaluation(request, model, training, validation, output);
  }

  /** A pass over images with the model's size. */
  public FeaturePass pass(SimmimConfig config, FeatureExtractor extractor, Consumer<String> say) {
    return new FeaturePass(
        model.description().model(),
        config.image().withSize(model.imageSize()),
        config.fetch(),
        extractor,
        request.threads(),
        say);
  }

  /** What is said first. */
  public String line(String does) {
    return "%,d images of %,d classes %s %,d; model %s"
        .formatted(
            training.count(),
            training.labels().classes().size(),
            does,
            validation.count(),
            RunFolder.readable(model.folder()));
  }

  /** The beginning of a result. */
  public ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("model", RunFolder.readable(model.folder()));
    json.putPOJO("input", request.input());
    json.putPOJO("validation", request.validation());
    json.put("classes", training.labels().classes().size());
    return json;
  }

  /** Keeps a result, if it is to be kept. */
  public void keep(String file, ObjectNode json) throws IOException {
    if (output.isPresent()) {
      DefaultPrettyPrinter lines =
          new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
      String text = JSON.writer(lines).writeValueAsString(json) + "\n";
      output.get().write(new Path(output.get().root(), file), text);
    }
  }
}
