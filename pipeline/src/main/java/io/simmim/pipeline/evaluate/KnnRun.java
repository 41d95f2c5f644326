package io.simmim.pipeline.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One measurement of a model by its nearest neighbours. */
public record KnnRun(EvaluationRequest request) {
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
    Evaluation evaluation = Evaluation.open(request, config, say);
    say.accept(evaluation.line("vote for"));
    Map<Integer, Accuracy> results;
    try (FrozenEncoder encoder = evaluation.model().open(request.device())) {
      FeaturePass pass =
          evaluation.pass(
              config, images -> encoder.features(MicroBatch.of(List.of(images))).mean(), say);
      results = KnnEvaluation.run(pass, evaluation.training(), evaluation.validation());
    }
    ObjectNode json = evaluation.json();
    json.put("temperature", WeightedVote.TEMPERATURE);
    results.forEach(
        (neighbours, accuracy) ->
            accuracy.addTo(json.withObjectProperty("neighbours-" + neighbours)));
    evaluation.keep(RESULT, json);
    results.forEach(
        (neighbours, accuracy) -> {
          say.accept("weighted k-NN of %d neighbours:".formatted(neighbours));
          say.accept(accuracy.line());
        });
  }
}
