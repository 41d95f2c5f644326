package io.simmim.pipeline.evaluate;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.loop.MicroBatch;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * One measurement of a model by its nearest neighbours.
 *
 * @param model folder of an exported model, or output of a run
 * @param input images with classes that vote
 * @param validation images with classes that are classified
 * @param output folder for {@link #RESULT}, if it is to be kept
 * @param threads that compute at once
 * @param device of the model
 */
public record KnnRun(
    String model,
    List<String> input,
    List<String> validation,
    Optional<String> output,
    int threads,
    String device) {
  /** File in the output with the result. */
  public static final String RESULT = "knn.json";

  /**
   * Measures.
   *
   * @param config tells how storage is reached, and limits what is decoded
   * @param say takes lines for people; the last one is the accuracy for most neighbours
   */
  public void run(SimmimConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    ModelFolder folder = ModelFolder.find(model);
    Optional<RunFolder> target = output.map(RunFolder::open);
    LabelledImages training = LabelledImages.list("--input", input, config.fetch(), say);
    LabelledImages queries = LabelledImages.list("--validation", validation, config.fetch(), say);
    say.accept(
        "%,d images of %,d classes vote for %,d; model %s"
            .formatted(
                training.catalog().size() - training.labels().without(),
                training.labels().classes().size(),
                queries.catalog().size() - queries.labels().without(),
                RunFolder.readable(folder.folder())));
    Map<Integer, Accuracy> results;
    try (FrozenEncoder encoder = folder.open(device)) {
      FeaturePass pass =
          new FeaturePass(
              folder.description().model(),
              config.image().withSize(folder.imageSize()),
              config.fetch(),
              images -> encoder.features(MicroBatch.of(List.of(images))).mean(),
              threads,
              say);
      results = KnnEvaluation.run(pass, training, queries);
    }
    if (target.isPresent()) {
      RunFolder kept = target.get();
      kept.write(new Path(kept.root(), RESULT), json(folder, training, results));
    }
    results.forEach(
        (neighbours, accuracy) -> {
          say.accept("weighted k-NN of %d neighbours:".formatted(neighbours));
          say.accept(accuracy.line());
        });
  }

  private String json(ModelFolder folder, LabelledImages training, Map<Integer, Accuracy> results)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("model", RunFolder.readable(folder.folder()));
    json.putPOJO("input", input);
    json.putPOJO("validation", validation);
    json.put("classes", training.labels().classes().size());
    json.put("temperature", WeightedVote.TEMPERATURE);
    results.forEach(
        (neighbours, accuracy) -> {
          ObjectNode result = json.withObjectProperty("neighbours-" + neighbours);
          result.put("top-1", accuracy.top1());
          result.put("top-5", accuracy.top5());
          result.put("images", accuracy.images());
        });
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    return mapper.writer(lines).writeValueAsString(json) + "\n";
  }
}
