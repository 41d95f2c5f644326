package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState.Saved;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingModelTest {
  private static final double RATE = 1e-3;

  @Test
  void accumulatesTheWeightedSumOfGradients() throws Exception {
    try (TrainingModel model = TrainingModel.create(SmallModel.config())) {
      Map<String, float[]> first = gradients(model, 1, 0, 1);
      try (TrainingModel other = TrainingModel.create(SmallModel.config())) {
        Map<String, float[]> second = gradients(other, 2, 0, 1);
        try (TrainingModel both = TrainingModel.create(SmallModel.config())) {
          both.accumulateNow(SmallModel.batch(3, 1), 0, 0.25);
          Map<String, float[]> sum = gradients(both, 2, 0, 0.5);

          assertThat(sum).containsKey("grad/encoder.blocks.0.attn.qkv.weight");
          sum.forEach(
              (name, values) -> {
                float[] expected = new float[values.length];
                for (int i = 0; i < values.length; i++) {
                  expected[i] = 0.25f * first.get(name)[i] + 0.5f * second.get(name)[i];
                }
                assertThat(relative(values, expected)).as(name).isLessThan(1e-5);
              });
        }
      }
    }
  }

  private static Map<String, float[]> gradients(
      TrainingModel model, long seed, long number, double weight) throws Exception {
    model.accumulateNow(SmallModel.batch(3, seed), number, weight);
    try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
      return read(snapshot, "grad/");
    }
  }

  @Test
  void continuesByteForByteFromASnapshotInsideAnAccumulation() throws Exception {
    TrainerConfig config = SmallModel.config(SmallModel.encoder(0.3), Precision.FP32);
    try (TrainingModel model = TrainingModel.create(config)) {
      model.accumulateNow(SmallModel.batch(4, 1), 0, 1);
      model.update(RATE);
      model.accumulateNow(SmallModel.batch(4, 2), 1, 0.5);
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP);
          TrainingModel resumed = TrainingModel.create(config, new Saved(snapshot))) {
        finish(model);
        finish(resumed);

        try (StateSnapshot expected = model.snapshot(Gradients.NONE);
            StateSnapshot found = resumed.snapshot(Gradients.NONE)) {
          assertThat(found.tensors()).isEqualTo(expected.tensors());
          assertThat(bytes(found)).isEqualTo(bytes(expected));
        }
      }
    }
  }

  private static void finish(TrainingModel model) {
    model.accumulateNow(SmallModel.batch(3, 3), 2, 0.5);
    model.update(RATE);
    model.accumulateNow(SmallModel.batch(4, 4), 3, 1);
    model.update(RATE);
  }

  @Test
  void aSnapshotKeepsItsValuesWhileTrainingGoesOn() throws Exception {
    try (TrainingModel model = TrainingModel.create(SmallModel.config())) {
      StateSnapshot snapshot = model.snapshot(Gradients.KEEP);
      List<ByteBuffer> before = bytes(snapshot);
      model.accumulateNow(SmallModel.batch(2, 1), 0, 1);
      model.update(RATE);

      assertThat(bytes(snapshot)).isEqualTo(before);
      assertThat(snapshot.tensors())
          .extracting(TensorSpec::name)
          .noneMatch(n -> n.contains("grad/"));
      snapshot.close();
      snapshot.close();
      assertThatThrownBy(() -> snapshot.read(0, 0, ByteBuffer.allocate(4)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the snapshot is closed");
    }
  }

  @Test
  void readsASnapshotAtAnyByteOffsetAfterTheModelIsClosed() throws Exception {
    StateSnapshot snapshot;
    try (TrainingModel model = TrainingModel.create(SmallModel.config())) {
      snapshot = model.snapshot(Gradients.NONE);
    }
    try (snapshot) {
      int tensor = indexOf(snapshot, "param/decoder.0.weight");
      ByteBuffer whole = bytes(snapshot).get(tensor);
      ByteBuffer piece = ByteBuffer.allocate(10);
      snapshot.read(tensor, 7, piece);

      assertThat(piece.flip()).isEqualTo(whole.slice(7, 10));
      assertThatThrownBy(() -> snapshot.read(tensor, whole.capacity() - 3, ByteBuffer.allocate(4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("param/decoder.0.weight has 24576 bytes; cannot read 4 from byte 24573");
    }
  }

  @Test
  void refusesTheStateOfAnotherModel() throws Exception {
    TrainerConfig wider =
        SmallModel.config(
            new EncoderConfig(
                EncoderType.VIT,
                8,
                64,
                List.of(3),
                List.of(2),
                0,
                0,
                4,
                true,
                true,
                RelativePositionBias.SHARED,
                0.1,
                0),
            Precision.FP32);
    try (TrainingModel other = TrainingModel.create(wider);
        StateSnapshot snapshot = other.snapshot(Gradients.NONE)) {
      assertThatThrownBy(() -> TrainingModel.create(SmallModel.config(), new Saved(snapshot)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "tensor 1 of the state must be param/encoder.cls_token [1, 1, 32]:"
                  + " param/encoder.cls_token [1, 1, 64]");
    }
  }

  @Test
  void dropsTheSamePathsForTheSameMicroBatchNumber() {
    TrainerConfig config = SmallModel.config(SmallModel.encoder(0.5), Precision.FP32);
    try (TrainingModel model = TrainingModel.create(config)) {
      double loss = model.accumulateNow(SmallModel.batch(4, 1), 5, 1);

      assertThat(model.accumulateNow(SmallModel.batch(4, 1), 5, 1)).isEqualTo(loss);
      assertThat(model.accumulateNow(SmallModel.batch(4, 1), 6, 1)).isNotEqualTo(loss);
    }
  }

  /** One image has too few tokens to multiply weights with layer scale for, four have enough. */
  @Test
  void derivesTensorsAnewForALargerMicroBatch() {
    try (TrainingModel growing = TrainingModel.create(SmallModel.config());
        TrainingModel other = TrainingModel.create(SmallModel.config())) {
      growing.accumulateNow(SmallModel.batch(1, 1), 0, 0);
      double loss = growing.accumulateNow(SmallModel.batch(4, 2), 1, 1);

      assertThat(other.accumulateNow(SmallModel.batch(4, 2), 1, 1)).isEqualTo(loss);
      assertThat(other.update(RATE)).isEqualTo(growing.update(RATE));
    }
  }

  @Test
  void tellsTheLossesOfAStepInTheirOrder() {
    try (TrainingModel model = TrainingModel.create(SmallModel.config());
        TrainingModel other = TrainingModel.create(SmallModel.config())) {
      model.accumulate(SmallModel.batch(2, 1), 0, 0.5);
      model.accumulate(SmallModel.batch(2, 2), 1, 0.5);

      assertThat(model.losses())
          .containsExactly(
              other.accumulateNow(SmallModel.batch(2, 1), 0, 0.5),
              other.accumulateNow(SmallModel.batch(2, 2), 1, 0.5));
      assertThat(model.losses()).isEmpty();
    }
  }

  @Test
  void trainsWhenNoImageKeepsABranch() throws Exception {
    TrainerConfig config = SmallModel.config(SmallModel.encoder(0.95), Precision.FP32);
    try (TrainingModel model = TrainingModel.create(config)) {
      for (int number = 0; number < 20; number++) {
        assertThat(model.accumulateNow(SmallModel.batch(1, 1), number, 1)).isFinite();
      }
      assertThat(model.update(RATE)).isFinite().isPositive();
      try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
        read(snapshot, "param/")
            .forEach((name, values) -> assertThat(values).as(name).doesNotContain(Float.NaN));
      }
    }
  }

  @Test
  void bf16StaysCloseToFp32() {
    try (TrainingModel exact = TrainingModel.create(SmallModel.config());
        TrainingModel rounded =
            TrainingModel.create(SmallModel.config(SmallModel.encoder(0), Precision.BF16))) {
      for (int step = 0; step < 5; step++) {
        double loss = exact.accumulateNow(SmallModel.batch(4, step), step, 1);
        double roundedLoss = rounded.accumulateNow(SmallModel.batch(4, step), step, 1);
        double norm = exact.update(RATE);

        assertThat(roundedLoss).isNotEqualTo(loss).isCloseTo(loss, within(loss * 2e-3));
        assertThat(rounded.update(RATE)).isCloseTo(norm, within(norm * 2e-2));
      }
    }
  }

  @Test
  void reconstructsTheSameForBytesAndForNormalisedFloats() {
    byte[] masks = {1, 0, 0, 1};
    byte[] bytes = SmallModel.chunk(1, 3).pixels();
    float[] floats = new float[bytes.length];
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] deviation = {0.229f, 0.224f, 0.225f};
    for (int i = 0; i < floats.length; i++) {
      int channel = i / (SmallModel.IMAGE_SIZE * SmallModel.IMAGE_SIZE);
      floats[i] = ((bytes[i] & 0xff) / 255f - mean[channel]) / deviation[channel];
    }
    try (TrainingModel model = TrainingModel.create(SmallModel.config())) {
      MicroBatch normalised =
          MicroBatch.normalised(SmallModel.IMAGE_SIZE, SmallModel.MASK_SIDE, floats, masks);
      MicroBatch chunked =
          MicroBatch.of(
              List.of(
                  new TensorChunk(
                      0, 0, SmallModel.IMAGE_SIZE, 2, new long[1], bytes, masks, List.of())));

      assertThat(relative(model.reconstruct(chunked), model.reconstruct(normalised)))
          .isLessThan(1e-6);
    }
  }

  @Test
  void refusesAnUpdateWithoutGradients() {
    try (TrainingModel model = TrainingModel.create(SmallModel.config())) {
      assertThatThrownBy(() -> model.update(RATE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("there are no gradients to update with");
    }
  }

  private static double relative(float[] found, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / Math.max(norm, 1e-30));
  }

  private static int indexOf(StateReader state, String name) {
    return state.tensors().stream().map(TensorSpec::name).toList().indexOf(name);
  }

  private static List<ByteBuffer> bytes(StateReader state) throws Exception {
    List<ByteBuffer> result = new ArrayList<>();
    for (int i = 0; i < state.tensors().size(); i++) {
      ByteBuffer buffer =
          ByteBuffer.allocate((int) state.tensors().get(i).bytes()).order(ByteOrder.LITTLE_ENDIAN);
      state.read(i, 0, buffer);
      result.add(buffer.flip());
    }
    return result;
  }

  private static Map<String, float[]> read(StateReader state, String prefix) throws Exception {
    Map<String, float[]> result = new LinkedHashMap<>();
    List<ByteBuffer> bytes = bytes(state);
    for (int i = 0; i < bytes.size(); i++) {
      if (state.tensors().get(i).name().startsWith(prefix)) {
        float[] values = new float[bytes.get(i).remaining() / Float.BYTES];
        bytes.get(i).asFloatBuffer().get(values);
        result.put(state.tensors().get(i).name(), values);
      }
    }
    return result;
  }
}
