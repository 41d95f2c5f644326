package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState.Saved;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every encoder, objective, head, target and loss. */
@Tag("slow")
class ModelCombinationsTest {
  private static final double RATE = 1e-3;

  private static List<String> names() {
    return List.copyOf(SmallModels.all().keySet());
  }

  /** What models begin with: drawing the millions of parameters of one takes a second. */
  private static final Map<String, StateSnapshot> BEGINNINGS = new HashMap<>();

  @AfterAll
  static void closeBeginnings() {
    BEGINNINGS.values().forEach(StateSnapshot::close);
  }

  private static TrainingModel create(String name, Precision precision) throws IOException {
    return create(name, SmallModels.trainer(SmallModels.all().get(name), precision));
  }

  /**
   * @param config of the model of that name, or of one with the same parameters
   */
  private static TrainingModel create(String name, TrainerConfig config) throws IOException {
    StateSnapshot beginning = BEGINNINGS.computeIfAbsent(name, ModelCombinationsTest::draw);
    return TrainingModel.create(config, new Saved(beginning));
  }

  private static StateSnapshot draw(String name) {
    TrainerConfig config = SmallModels.trainer(SmallModels.all().get(name), Precision.FP32);
    try (TrainingModel model = TrainingModel.create(config)) {
      return model.snapshot(Gradients.NONE);
    }
  }

  private static MicroBatch batch(String name, int images, long seed) {
    return SmallModels.batch(SmallModels.all().get(name), images, seed);
  }

  @ParameterizedTest
  @MethodSource("names")
  void goesOnAfterARestoreExactlyAsWithoutOne(String name) throws Exception {
    TrainerConfig config = SmallModels.trainer(SmallModels.all().get(name), Precision.FP32);
    try (TrainingModel model = TrainingModel.create(config)) {
      model.accumulateNow(batch(name, 3, 1), 0, 1);
      model.update(RATE);
      model.accumulateNow(batch(name, 3, 2), 1, 0.5);
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP);
          TrainingModel resumed = TrainingModel.create(config, new Saved(snapshot))) {
        finish(model, name);
        finish(resumed, name);

        assertThat(bytes(resumed, Gradients.NONE)).isEqualTo(bytes(model, Gradients.NONE));
      }
    }
  }

  private static void finish(TrainingModel model, String name) {
    model.accumulateNow(batch(name, 2, 3), 2, 0.5);
    model.update(RATE);
    model.accumulateNow(batch(name, 3, 4), 3, 1);
    model.update(RATE);
  }

  @ParameterizedTest
  @MethodSource("names")
  void recomputesWhatItDoesNotKeep(String name) throws Exception {
    ModelConfig recomputing = SmallModels.recomputing(SmallModels.all().get(name));
    try (TrainingModel keeping = create(name, Precision.FP32);
        TrainingModel other = create(name, SmallModels.trainer(recomputing, Precision.FP32))) {
      for (int step = 0; step < 2; step++) {
        double expected = keeping.accumulateNow(batch(name, 3, step), step, 1);

        assertThat(other.accumulateNow(batch(name, 3, step), step, 1))
            .isCloseTo(expected, within(1e-5 * expected));
        assertThat(relative(bytes(other, Gradients.KEEP), bytes(keeping, Gradients.KEEP)))
            .isLessThan(1e-5);
        double norm = keeping.update(RATE);
        assertThat(other.update(RATE)).isCloseTo(norm, within(1e-5 * norm));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void learnsToRepeatOneBatch(String name) throws IOException {
    try (TrainingModel model = create(name, Precision.FP32)) {
      MicroBatch batch = SmallModels.ramps(SmallModels.all().get(name), 2, 3);
      double first = model.accumulateNow(batch, 0, 1);
      double last = first;
      double enough = 0.9 * first;
      for (int step = 1; step <= 40 && last >= enough; step++) {
        model.update(0.01);
        last = model.accumulateNow(batch, step, 1);
      }

      assertThat(last).isLessThan(enough);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void losesLittleInBfloat16(String name) throws IOException {
    MicroBatch batch = batch(name, 2, 9);
    try (TrainingModel exact = create(name, Precision.FP32);
        TrainingModel rough = create(name, Precision.BF16)) {
      double expected = exact.accumulateNow(batch, 0, 1);
      double norm = exact.update(RATE);

      assertThat(rough.accumulateNow(batch, 0, 1)).isCloseTo(expected, within(0.01 * expected));
      // Batch norms over 32 positions make more of the rounding than layer norms: 6 %.
      assertThat(rough.update(RATE)).isCloseTo(norm, within(0.08 * norm));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void predictsImages(String name) throws IOException {
    try (TrainingModel model = create(name, Precision.FP32)) {
      float[] image = model.reconstruct(batch(name, 2, 1));

      assertThat(image).hasSize(2 * 3 * SmallModels.IMAGE_SIZE * SmallModels.IMAGE_SIZE);
      assertThat(model.reconstruct(batch(name, 2, 1))).isEqualTo(image);
      for (float value : image) {
        assertThat(value).isFinite();
      }
    }
  }

  private static List<ByteBuffer> bytes(TrainingModel model, Gradients gradients) throws Exception {
    List<ByteBuffer> all = new ArrayList<>();
    try (StateSnapshot snapshot = model.snapshot(gradients)) {
      for (int i = 0; i < snapshot.tensors().size(); i++) {
        ByteBuffer bytes =
            ByteBuffer.allocate((int) snapshot.tensors().get(i).bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        snapshot.read(i, 0, bytes);
        all.add(bytes.flip());
      }
    }
    return all;
  }

  /** Norm of the differences over the norm of all. */
  private static double relative(List<ByteBuffer> found, List<ByteBuffer> expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.size(); i++) {
      float[] a = floats(found.get(i));
      float[] b = floats(expected.get(i));
      for (int k = 0; k < b.length; k++) {
        double distance = (double) a[k] - b[k];
        difference += distance * distance;
        norm += (double) b[k] * b[k];
      }
    }
    return Math.sqrt(difference / norm);
  }

  private static float[] floats(ByteBuffer bytes) {
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }
}
