package io.simmim.pipeline.probe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.Evaluation;
import io.simmim.pipeline.evaluate.EvaluationRequest;
import io.simmim.pipeline.evaluate.FeaturePass;
import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.schemas.UserError;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FeatureSet;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.probe.LinearProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.Arrays;
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
    if (evaluation.training().count() < 2) {
      throw new UserError("--input must have at least 2 images with a class: 1");
    }
    ProbeResults results;
    try (FrozenEncoder encoder = evaluation.model().open(request.device())) {
      results = measure(evaluation, encoder, config, say);
    }
    ObjectNode json = evaluation.json();
    json.put("epochs", probe.epochs());
    json.put("seed", probe.seed());
    results.addTo(json);
    evaluation.keep(RESULT, json);
    results.lines().forEach(say);
    say.accept(results.bestAccuracy().line());
  }

  private ProbeResults measure(
      Evaluation evaluation, FrozenEncoder encoder, SimmimConfig config, Consumer<String> say)
      throws IOException, InterruptedException {
    List<FeatureSet> sets = encoder.featureSets();
    List<Integer> widths = sets.stream().map(FeatureSet::width).toList();
    int width = widths.stream().mapToInt(Integer::intValue).sum();
    int classes = evaluation.training().labels().classes().size();
    requireMemory(LinearProbe.bytes(widths, classes, probe.rates().size()));
    FeaturePass pass =
        evaluation.pass(config, images -> encoder.layers(MicroBatch.of(List.of(images))), say);
    int all = Math.toIntExact(evaluation.training().catalog().size());
    try (FeatureCache cache = FeatureCache.create(probe.cache(), all, width);
        LinearProbe classifiers =
            new LinearProbe(widths, classes, probe.rates(), request.device())) {
      pass.run(evaluation.training(), cache::put);
      int images = cache.images().length;
      say.accept(
          "%d layers, %d sets of features, %d learning rates, batch %d, %d epochs; features take %s in %s"
              .formatted(
                  sets.get(sets.size() - 1).layer(),
                  sets.size(),
                  probe.rates().size(),
                  probe.batch(images),
                  probe.epochs(),
                  FeatureCache.gigabytes((long) images * width * Float.BYTES),
                  probe.cache()));
      new ProbeTraining(classifiers, sets, cache, probe, request.threads(), say).run();
      ProbeResults results = new ProbeResults(sets, probe.rates());
      pass.run(evaluation.validation(), chunk -> add(chunk, widths, classifiers, results));
      return results;
    }
  }

  private static void add(
      LabelledFeatures chunk, List<Integer> widths, LinearProbe probe, ProbeResults results) {
    long[] labels = Arrays.stream(chunk.labels()).asLongStream().toArray();
    results.addImages(labels.length);
    int first = 0;
    for (int set = 0; set < widths.size(); set++) {
      int width = widths.get(set);
      FloatBuffer features = FloatBuffer.allocate(labels.length * width);
      for (int image = 0; image < labels.length; image++) {
        features.put(chunk.vectors(), image * chunk.width() + first, width);
      }
      results.add(set, probe.ranks(set, features.flip(), labels));
      first += width;
    }
  }

  private static void requireMemory(long bytes) {
    long half =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize()
            / 2;
    if (bytes > half) {
      throw new UserError(
          "classifiers of all layers, classes and learning rates need %s, more than half of this machine's memory: fewer --rates need less"
              .formatted(FeatureCache.gigabytes(bytes)));
    }
  }
}
