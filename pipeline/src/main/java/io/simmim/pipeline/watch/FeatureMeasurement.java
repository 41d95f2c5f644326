package io.simmim.pipeline.watch;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.pipeline.evaluate.FeaturePass;
import io.simmim.pipeline.evaluate.KnnEvaluation;
import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the features of a model: the mean over the cells of the last layer. The result does not
 * depend on the number of threads.
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
        new FeaturePass(
            model.description().model(),
            config.limits(),
            config.fetch(),
            images -> encoder.features(MicroBatch.of(List.of(images))).mean(),
            Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_THREAD),
            LOG::info);
    List<Vote> votes = new ArrayList<>();
    WatchedImages images = config.images();
    if (images.bank() != null) {
      KnnEvaluation.run(pass, images.bank().read(), images.validation().read())
          .forEach(
              (neighbours, accuracy) ->
                  votes.add(
                      new Vote(neighbours, accuracy.top1(), accuracy.top5(), accuracy.images())));
    }
    List<LabelledFeatures> features = features(pass);
    int width = features.get(0).width();
    float[] rows = new float[features.stream().mapToInt(part -> part.vectors().length).sum()];
    int at = 0;
    for (LabelledFeatures part : features) {
      System.arraycopy(part.vectors(), 0, rows, at, part.vectors().length);
      at += part.vectors().length;
    }
    return new FeatureQuality(votes, EffectiveRank.of(rows, width), width, rows.length / width);
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
