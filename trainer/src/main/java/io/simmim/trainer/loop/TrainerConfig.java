package io.simmim.trainer.loop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.ModelDescription;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.Objects;

/**
 * Everything that the model and its optimizer are made of.
 *
 * @param model what is trained
 * @param colors of the model's target, if that is clusters of colours
 * @param optimizer AdamW and clipping
 * @param precision arithmetic of the forward and backward pass
 * @param threads threads of one operation on the CPU; 0 = one per core of the machine that trains
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param seed of the initial parameters and of stochastic depth
 */
public record TrainerConfig(
    ModelConfig model,
    ClusterColors colors,
    OptimizerConfig optimizer,
    Precision precision,
    int threads,
    String device,
    long seed)
    implements LearnerConfig {

  public TrainerConfig {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(colors, "colors");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(precision, "precision");
    TrainingSettings.require(threads, device);
  }

  @Override
  public TrainingSettings settings() {
    return new TrainingSettings(optimizer, precision, threads, device, seed);
  }

  @Override
  public int imageSize() {
    return model.imageSize();
  }

  @Override
  public Learner create(InitialState initial) throws IOException {
    return TrainingModel.create(this, initial);
  }

  @Override
  public FittedWeights fit(String origin, NamedTensors file) throws IOException {
    return FittedWeights.of(origin, new MaskedImageModel(model, colors).parameters(), file);
  }

  @Override
  public ObjectNode description() {
    return new ModelDescription(model, colors).json();
  }
}
