package io.simmim.trainer.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TensorMemory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClassifierTrainingTest {
  private static final int SIZE = 32;
  private static final int IMAGES = 6;
  private static final int CLASSES = 3;
  private static final double RATE = 1e-3;

  private static EncoderConfig vit(double dropPath) {
    return new EncoderConfig(
        EncoderType.VIT,
        8,
        24,
        List.of(3),
        List.of(2),
        0,
        0,
        4,
        true,
        true,
        RelativePositionBias.PER_BLOCK,
        0.1,
        dropPath);
  }

  private static EncoderConfig swinV2() {
    return new EncoderConfig(
        EncoderType.SWINV2,
        4,
        8,
        List.of(2, 2),
        List.of(1, 2),
        4,
        0,
        4,
        true,
        false,
        RelativePositionBias.NONE,
        0,
        0.3);
  }

  private static ClassifierTraining create(
      EncoderConfig encoder, Pooling pooling, boolean recompute) throws Exception {
    OptimizerConfig optimizer = new OptimizerConfig(0.05, 0.9, 0.999, 1e-8, 5);
    return ClassifierTraining.create(
        new ClassifierConfig(SIZE, encoder, pooling, CLASSES, recompute),
        new TrainingSettings(optimizer, Precision.FP32, 1, "cpu", 3),
        0.75,
        new InitialState.Random());
  }

  private static MicroBatch batch() {
    Random random = new Random(5);
    float[] pixels = new float[IMAGES * 3 * SIZE * SIZE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    float[] targets = new float[IMAGES * CLASSES];
    for (int image = 0; image < IMAGES; image++) {
      targets[image * CLASSES + image % CLASSES] = 1;
    }
    return MicroBatch.normalised(SIZE, ClassifierTraining.MASK_SIDE, pixels, new byte[IMAGES])
        .withTargets(targets);
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void learnsTheClassesOfFewImages(Pooling pooling) throws Exception {
    try (ClassifierTraining model = create(vit(0.1), pooling, false)) {
      double first = model.accumulateNow(batch(), 0, 1);
      model.update(scale -> RATE * scale);
      double last = first;
      for (int step = 1; step < 60; step++) {
        last = model.accumulateNow(batch(), step, 1);
        model.update(scale -> RATE * scale);
      }

      assertThat(first).isCloseTo(Math.log(CLASSES), within(0.05));
      assertThat(last).isLessThan(first / 2);
    }
  }

  /** Half of the images skip the last attention or the last MLP. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void computesTheSameGradientsAnew(Pooling pooling) throws Exception {
    try (ClassifierTraining keeping = create(vit(0.5), pooling, false);
        ClassifierTraining recomputing = create(vit(0.5), pooling, true)) {
      double loss = keeping.accumulateNow(batch(), 7, 1);

      assertThat(recomputing.accumulateNow(batch(), 7, 1)).isCloseTo(loss, within(1e-6));
      double norm = keeping.update(scale -> RATE);
      assertThat(recomputing.update(scale -> RATE)).isCloseTo(norm, within(1e-5 * norm));
    }
  }

  @Test
  void trainsASwinOfVersion2() throws Exception {
    try (ClassifierTraining model = create(swinV2(), Pooling.MEAN, false)) {
      double first = model.accumulateNow(batch(), 0, 1);
      assertThat(model.update(scale -> RATE * scale)).isPositive().isFinite();
      assertThat(first).isFinite();
      assertThat(model.logits(batch())).hasSize(IMAGES * CLASSES);
    }
  }

  /** A run of weeks: steps, checkpoints, exports, and a validation after each epoch. */
  @Test
  void leavesNoTensorOfStepsSnapshotsAndValidations() throws Exception {
    int others = TensorMemory.tensors();
    try (ClassifierTraining model = create(vit(0.5), Pooling.MEAN, false)) {
      model.accumulateNow(batch(), 0, 1);
      model.update(scale -> RATE * scale);
      int tensors = TensorMemory.tensors();
      long bytes = TensorMemory.heldBytes();
      for (int step = 1; step < 4; step++) {
        model.accumulateNow(batch(), step, 1);
        model.snapshot(Gradients.KEEP).close();
        model.update(scale -> RATE * scale);
        model.snapshot(Gradients.NONE).close();
        model.logits(batch());

        assertThat(TensorMemory.tensors()).isEqualTo(tensors);
        assertThat(TensorMemory.heldBytes()).isEqualTo(bytes);
      }
    }
    assertThat(TensorMemory.tensors()).isEqualTo(others);
  }

  /** What an image is said to be does not depend on the others of its batch, nor on training. */
  @Test
  void saysTheSameOfAnImageWhateverItsTargetIs() throws Exception {
    try (ClassifierTraining model = create(vit(0.5), Pooling.CLASS_TOKEN, false)) {
      float[] with = model.logits(batch());
      model.accumulateNow(batch(), 0, 1);

      assertThat(model.logits(batch())).isEqualTo(with);
    }
  }
}
