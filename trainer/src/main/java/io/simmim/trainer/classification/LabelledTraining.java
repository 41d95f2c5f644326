package io.simmim.trainer.classification;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.state.TrainingPlatform;
import java.util.Map;

/** Looks up the labels of images, prepares micro-batches, and has a classifier learn from them. */
final class LabelledTraining implements Learner, Classifier {
  private final FinetuningConfig config;
  private final ClassifierTraining training;

  /**
   * @param training closed with this
   */
  LabelledTraining(FinetuningConfig config, ClassifierTraining training) {
    this.config = config;
    this.training = training;
  }

  @Override
  public void accumulate(MicroBatch batch, long number, double weight) {
    int[] labels = new int[batch.images()];
    int image = 0;
    for (TensorChunk chunk : batch.chunks()) {
      for (long id : chunk.sampleIds()) {
        labels[image++] = config.labels().of(id);
      }
    }
    MicroBatch prepared =
        config.recipe().apply(batch, labels, config.model(), config.settings().seed(), number);
    training.accumulate(prepared, number, weight);
  }

  @Override
  public double[] losses() {
    return training.losses();
  }

  @Override
  public double update(ScaledRates rates) {
    return training.update(rates);
  }

  @Override
  public float[] logits(MicroBatch batch) {
    return training.logits(batch);
  }

  @Override
  public Map<String, ValueHistogram> histograms(TensorKind kind) {
    return training.histograms(kind);
  }

  @Override
  public StateSnapshot snapshot(Gradients gradients) {
    return training.snapshot(gradients);
  }

  @Override
  public TrainingPlatform platform() {
    return training.platform();
  }

  @Override
  public void close() {
    training.close();
  }
}
