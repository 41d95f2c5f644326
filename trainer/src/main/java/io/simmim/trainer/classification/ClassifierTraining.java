package io.simmim.trainer.classification;

import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.device.DeviceModel;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.LayerDecay;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.optimizer.ParameterGroup;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Learns to classify whole images from soft targets. See {@link DeviceModel} for threads. The masks
 * that come with the images are one value each, which nothing looks at.
 */
public final class ClassifierTraining implements Learner, Classifier {
  /** Side of the masks that come with images. */
  public static final int MASK_SIDE = 1;

  private final ClassificationModel model;
  private final DeviceModel device;
  private final long seed;

  private ClassifierTraining(ClassificationModel model, DeviceModel device, long seed) {
    this.model = model;
    this.device = device;
    this.seed = seed;
  }

  /**
   * A classifier in a given state. After a failure nothing of it is left in memory.
   *
   * @param layerDecay see {@link LayerDecay}
   * @throws IllegalArgumentException if names or shapes of the state differ from this model's
   */
  public static ClassifierTraining create(
      ClassifierConfig config, TrainingSettings settings, double layerDecay, InitialState initial)
      throws IOException {
    ClassificationModel model = new ClassificationModel(config);
    List<ParameterGroup> groups =
        new LayerDecay(config.encoder(), layerDecay)
            .groups(model.parameters(), settings.optimizer().weightDecay());
    DeviceModel device =
        DeviceModel.create(model, settings, groups, config.imageSize(), MASK_SIDE, initial);
    return new ClassifierTraining(model, device, settings.seed());
  }

  /** Official names and shapes of the parameters, in their official order. */
  public List<TensorSpec> parameters() {
    return device.parameters();
  }

  /**
   * {@inheritDoc}
   *
   * @param batch has targets
   */
  @Override
  public void accumulate(MicroBatch batch, long number, double weight) {
    device.inputs().requireSizes(batch);
    DropPath dropPath = model.dropPath(batch.images(), seed, number);
    device.accumulate(batch, model.index(dropPath), dropPath, weight);
  }

  @Override
  public double[] losses() {
    return device.losses();
  }

  @Override
  public double update(ScaledRates rates) {
    return device.update(rates);
  }

  @Override
  public float[] logits(MicroBatch batch) {
    device.inputs().requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    return device.call("logits", batch, model.index(none), none).get(0);
  }

  @Override
  public Map<String, ValueHistogram> histograms(TensorKind kind) {
    return device.histograms(kind);
  }

  @Override
  public StateSnapshot snapshot(Gradients gradients) {
    return device.snapshot(gradients);
  }

  @Override
  public TrainingPlatform platform() {
    return device.platform();
  }

  @Override
  public void close() {
    device.close();
  }
}
