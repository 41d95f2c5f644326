package io.simmim.trainer.loop;

import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.device.DeviceModel;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Features;
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

/** Learns from masked images. See {@link DeviceModel} for threads. */
public final class TrainingModel implements Learner {
  private final TrainerConfig config;
  private final MaskedImageModel model;
  private final DeviceModel device;

  private TrainingModel(TrainerConfig config, MaskedImageModel model, DeviceModel device) {
    this.config = config;
    this.model = model;
    this.device = device;
  }

  /** A model with drawn parameters: a pure function of the configuration. */
  public static TrainingModel create(TrainerConfig config) {
    try {
      return create(config, new InitialState.Random());
    } catch (IOException e) {
      throw new IllegalStateException("nothing is read to draw parameters", e);
    }
  }

  /**
   * A model in a given state. After a failure nothing of it is left in memory.
   *
   * @throws IllegalArgumentException if names or shapes of the state differ from this model's
   */
  public static TrainingModel create(TrainerConfig config, InitialState initial)
      throws IOException {
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    DeviceModel device =
        DeviceModel.create(
            model,
            config.settings(),
            ParameterGroup.byDecay(model.parameters(), config.optimizer().weightDecay()),
            config.model().imageSize(),
            config.model().maskSide(),
            initial);
    return new TrainingModel(config, model, device);
  }

  @Override
  public TrainingPlatform platform() {
    return device.platform();
  }

  /** Official names and shapes of the parameters, in their official order. */
  public List<TensorSpec> parameters() {
    return device.parameters();
  }

  @Override
  public void accumulate(MicroBatch batch, long number, double weight) {
    DropPath dropPath = model.dropPath(batch.images(), config.seed(), number);
    byte[] masks = device.inputs().masks(batch);
    device.accumulate(batch, model.trainingIndex(masks, dropPath), dropPath, weight);
  }

  @Override
  public double[] losses() {
    return device.losses();
  }

  @Override
  public double update(ScaledRates rates) {
    return device.update(rates);
  }

  /** The same with one rate for all parameters. */
  public double update(double learningRate) {
    return update(scale -> learningRate);
  }

  @Override
  public Map<String, ValueHistogram> histograms(TensorKind kind) {
    return device.histograms(kind);
  }

  @Override
  public StateSnapshot snapshot(Gradients gradients) {
    return device.snapshot(gradients);
  }

  /**
   * What the model predicts for the masked images, without stochastic depth.
   *
   * @return (m, 3, S, S), normalised as the model's input
   */
  public float[] reconstruct(MicroBatch batch) {
    return predict(batch).get(1);
  }

  /**
   * What the head gets to predict the masked images from, without stochastic depth: the encoder's
   * features of the cells, and behind MAE's encoder those of its decoder.
   *
   * @return (m, h, w, C)
   */
  public float[] headInput(MicroBatch batch) {
    return predict(batch).get(0);
  }

  private List<float[]> predict(MicroBatch batch) {
    DropPath none = model.noDropPath(batch.images());
    byte[] masks = device.inputs().masks(batch);
    return device.call("predict", batch, model.predictionIndex(masks, none), none);
  }

  /**
   * What the encoder makes of whole images; masks that come with them are not looked at.
   *
   * @throws IllegalArgumentException if images or masks have other sizes than the model's
   */
  public Features features(MicroBatch batch) {
    device.inputs().requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    float[] tokens = device.call("features", batch, model.wholeIndex(none), none).get(0);
    return model.features(tokens, batch.images());
  }

  @Override
  public void close() {
    device.close();
  }
}
