package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState.Saved;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class NativeMemoryTest {
  private static final int WARM_UP_STEPS = 100;
  private static final int STEPS = 400;

  private final TrainerConfig config = SmallModel.config(SmallModel.encoder(0.2), Precision.FP32);

  @Test
  void doesNotGrowOverFiveHundredSteps() {
    assumeTrue(NativeHeap.isCounted(), "glibc counts what is allocated");
    try (TrainingModel model = TrainingModel.create(config)) {
      train(model, 0, WARM_UP_STEPS);
      long before = NativeHeap.allocatedBytes();
      train(model, WARM_UP_STEPS, STEPS);
      long growth = NativeHeap.allocatedBytes() - before;

      // One step that kept its gradients would cost 180 KB, 400 of them 70 MB.
      assertThat(growth).as("bytes after %s steps", STEPS).isLessThan(12 << 20);
    }
  }

  @Test
  void noTensorIsLeftOfStepsSnapshotsAndPredictions() throws Exception {
    int others = TensorMemory.tensors();
    try (TrainingModel model = TrainingModel.create(config)) {
      trainStep(model, 0);
      int tensors = TensorMemory.tensors();
      long bytes = TensorMemory.heldBytes();
      for (int step = 1; step < 4; step++) {
        model.accumulateNow(SmallModel.batch(2, step), 2L * step, 0.5);
        readWhole(model, Gradients.KEEP);
        model.accumulateNow(SmallModel.batch(3, step), 2L * step + 1, 0.5);
        model.update(1e-4);
        readWhole(model, Gradients.NONE);
        model.reconstruct(SmallModel.batch(1, step));
        model.features(SmallModel.batch(1, step));

        assertThat(TensorMemory.tensors()).isEqualTo(tensors);
        assertThat(TensorMemory.heldBytes()).isEqualTo(bytes);
      }
    }
    assertThat(TensorMemory.tensors()).isEqualTo(others);
  }

  private static void readWhole(TrainingModel model, Gradients gradients) throws IOException {
    try (StateSnapshot snapshot = model.snapshot(gradients)) {
      List<TensorSpec> tensors = snapshot.tensors();
      for (int i = 0; i < tensors.size(); i++) {
        snapshot.read(i, 0, ByteBuffer.allocate((int) tensors.get(i).bytes()));
      }
    }
  }

  @Test
  void countsTheBytesOfStatesAndSnapshots() {
    long others = TensorMemory.heldBytes();
    try (TrainingModel model = TrainingModel.create(config)) {
      long vector = Float.BYTES * layout().elements();
      long state = 4 * vector;
      assertThat(TensorMemory.heldBytes() - others).isEqualTo(state);
      model.accumulateNow(SmallModel.batch(2, 1), 0, 1);
      assertThat(TensorMemory.heldBytes() - others).isEqualTo(state);
      StateSnapshot whole = model.snapshot(Gradients.KEEP);
      assertThat(TensorMemory.heldBytes() - others).isEqualTo(state + 4 * vector + Float.BYTES);
      whole.close();
      StateSnapshot part = model.snapshot(Gradients.NONE);
      assertThat(TensorMemory.heldBytes() - others).isEqualTo(state + 3 * vector + Float.BYTES);
      part.close();
      assertThat(TensorMemory.heldBytes() - others).isEqualTo(state);
    }
    assertThat(TensorMemory.heldBytes()).isEqualTo(others);
  }

  private ParameterLayout layout() {
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    return ParameterLayout.of(model.parameters(), config.precision());
  }

  @Test
  void noTensorIsLeftOfAModelWhoseStateCannotBeRead() {
    int tensors = TensorMemory.tensors();
    long bytes = TensorMemory.heldBytes();
    try (TrainingModel model = TrainingModel.create(config);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      int before = TensorMemory.tensors();
      StateReader broken = failingAt(snapshot, snapshot.tensors().size() / 2);

      assertThatThrownBy(() -> TrainingModel.create(config, new Saved(broken)))
          .isInstanceOf(IOException.class)
          .hasMessage("connection lost");
      assertThat(TensorMemory.tensors()).isEqualTo(before);
    }
    assertThat(TensorMemory.tensors()).isEqualTo(tensors);
    assertThat(TensorMemory.heldBytes()).isEqualTo(bytes);
  }

  private static StateReader failingAt(StateReader source, int failing) {
    return new StateReader() {
      @Override
      public List<TensorSpec> tensors() {
        return source.tensors();
      }

      @Override
      public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
        if (tensor == failing) {
          throw new IOException("connection lost");
        }
        source.read(tensor, byteOffset, into);
      }
    };
  }

  private static void train(TrainingModel model, int first, int steps) {
    for (int step = first; step < first + steps; step++) {
      trainStep(model, step);
      if (step % 50 == 0) {
        model.snapshot(Gradients.KEEP).close();
        model.reconstruct(SmallModel.batch(1, step));
      }
    }
  }

  private static void trainStep(TrainingModel model, int step) {
    model.accumulateNow(SmallModel.batch(2, step), 2L * step, 0.5);
    model.accumulateNow(SmallModel.batch(1 + step % 2, step), 2L * step + 1, 0.5);
    model.update(1e-4);
  }
}
