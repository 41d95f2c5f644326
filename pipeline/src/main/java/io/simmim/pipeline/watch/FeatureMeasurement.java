package io.simmim.pipeline.watch;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.pipeline.evaluate.Accuracy;
import io.simmim.pipeline.evaluate.FeatureExtractor;
import io.simmim.pipeline.evaluate.FeaturePass;
import io.simmim.pipeline.evaluate.KnnEvaluation;
import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.pipeline.probe.ProbeConfig;
import io.simmim.pipeline.probe.ProbeMeasurement;
import io.simmim.pipeline.probe.ProbeResults;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Probe;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FeatureSet.Pooling;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the features of a model: the mean over the cells of the last layer, and for linear
 * classifiers that of every layer. The result does not depend on the number of threads.
 */
final class FeatureMeasurement {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureMeasurement.class);

  /** The cores are the training's. */
  private static final int CORES_PER_THREAD = 4;

  private final WatchConfig config;

  FeatureMeasurement(WatchConfig config) {
    this.config = config;
  }

  FeatureQuality measure(ModelFolder model, FrozenEncoder encoder)
      throws IOException, InterruptedException {
    FeaturePass pass =
        pass(model, images -> encoder.features(MicroBatch.of(List.of(images))).mean());
    List<Vote> votes = new ArrayList<>();
    WatchedImages images = config.images();
    if (images.bank() != null) {
      KnnEvaluation.run(pass, images.bank().read(), images.validation().read())
          .forEach(
              (neighbours, accuracy) ->
                  votes.add(
                      new Vote(neighbours, accuracy.top1(), accuracy.top5(), accuracy.images())));
    }
    LabelledFeatures features = LabelledFeatures.joined(features(pass));
    double rank = EffectiveRank.of(features.vectors(), features.width());
    return new FeatureQuality(
        votes, rank, features.width(), features.labels().length, probe(model, encoder));
  }

  /** As the command measures it, and with the same numbers. */
  private Optional<Probe> probe(ModelFolder model, FrozenEncoder encoder)
      throws IOException, InterruptedException {
    if (config.probeEpochs() == 0) {
      return Optional.empty();
    }
    ProbeConfig probe =
        new ProbeConfig(
            config.probeEpochs(),
            OptionalInt.empty(),
            ProbeConfig.USUAL_RATES,
            0,
            Path.of(System.getProperty("java.io.tmpdir")));
    ProbeResults results =
        new ProbeMeasurement(probe, threads(), "cpu", LOG::info)
            .measure(
                encoder,
                pass(model, images -> encoder.layers(MicroBatch.of(List.of(images)))),
                config.images().bank().read(),
                config.images().validation().read());
    Accuracy best = results.bestAccuracy();
    return Optional.of(
        new Probe(
            results.bestSet().layer(),
            results.bestSet().pooling() == Pooling.CLASS,
            results.bestRate(),
            best.top1(),
            best.top5(),
            best.images()));
  }

  private FeaturePass pass(ModelFolder model, FeatureExtractor extractor) {
    return new FeaturePass(
        model.description().model(),
        config.limits(),
        config.fetch(),
        extractor,
        threads(),
        LOG::info);
  }

  private static int threads() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD);
  }

  /** Those whose rank is measured, in the order of their list. */
  private List<LabelledFeatures> features(FeaturePass pass)
      throws IOException, InterruptedException {
    Catalog catalog = Catalog.read(config.images().rank());
    ConcurrentSkipListMap<Long, LabelledFeatures> chunks = new ConcurrentSkipListMap<>();
    pass.run(
        new LabelledImages(
            "images of eval.rank-images", catalog, LabelTable.ofOneClass(catalog.size())),
        chunk -> chunks.put(chunk.chunk(), chunk));
    return List.copyOf(chunks.values());
  }
}
