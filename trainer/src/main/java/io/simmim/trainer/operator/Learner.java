package io.simmim.trainer.operator;

import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.Gradients;
import io.simmim.trainer.InitialState;
import io.simmim.trainer.MicroBatch;
import io.simmim.trainer.StateSnapshot;
import io.simmim.trainer.TrainerConfig;
import io.simmim.trainer.TrainingModel;
import io.simmim.trainer.TrainingPlatform;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** What the training thread needs of a model; see {@link TrainingModel} for each method. */
interface Learner extends AutoCloseable {
  /** Makes the model on the thread that will train it. */
  interface Factory extends Serializable {
    Learner create(TrainerConfig config, InitialState initial) throws IOException;
  }

  /** The chunks hold at least one image. */
  double accumulate(List<TensorChunk> chunks, long microBatch, double weight);

  double update(double learningRate);

  StateSnapshot snapshot(Gradients gradients);

  TrainingPlatform platform();

  @Override
  void close();

  /** The model of this project. */
  static Learner ofModel(TrainerConfig config, InitialState initial) throws IOException {
    TrainingModel model = TrainingModel.create(config, initial);
    return new Learner() {
      @Override
      public double accumulate(List<TensorChunk> chunks, long microBatch, double weight) {
        return model.accumulate(MicroBatch.of(chunks), microBatch, weight);
      }

      @Override
      public double update(double learningRate) {
        return model.update(learningRate);
      }

      @Override
      public StateSnapshot snapshot(Gradients gradients) {
        return model.snapshot(gradients);
      }

      @Override
      public TrainingPlatform platform() {
        return model.platform();
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }
}
