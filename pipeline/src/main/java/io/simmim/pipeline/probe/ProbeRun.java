package io.simmim.pipeline.probe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.Evaluation;
import io.simmim.pipeline.evaluate.EvaluationRequest;
import io.simmim.pipeline.evaluate.FeaturePass;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * One measurement of a model by linear classifiers: features of all layers are computed once and
 * kept, classifiers at several learning rates are trained on all of them together, and each is
 * tried on the validation set.
 */
public record ProbeRun(EvaluationRequest request, ProbeConfig probe) {
  /** File in the output with the result. */
  public static final String RESULT = "probe.json";

  /**
   * Measures.
   *
   * @param config tells how storage is reached, and limits what is decoded
   * @param say takes lines for people; the last one is the accuracy of the best classifier
   */
  public void run(SimmimConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    Evaluation evaluation = Evaluation.open(request, config, say);
    say.accept(evaluation.line("teach classifiers of"));
    ProbeResults results;
    try (FrozenEncoder encoder = evaluation.model().open(request.device())) {
      FeaturePass pass =
          evaluation.pass(config, images -> encoder.layers(MicroBatch.of(List.of(images))), say);
      results =
          new ProbeMeasurement(probe, request.threads(), request.device(), say)
              .measure(encoder, pass, evaluation.training(), evaluation.validation());
    }
    ObjectNode json = evaluation.json();
    json.put("epochs", probe.epochs());
    json.put("seed", probe.seed());
    results.addTo(json);
    evaluation.keep(RESULT, json);
    results.lines().forEach(say);
    say.accept(results.bestAccuracy().line());
  }
}
