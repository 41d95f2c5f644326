package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState.Saved;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Patches of 4 pixels, two stages, so cells of 8; windows of 4 patches, of which 64 pixels hold 4².
 */
class SwinTrainingTest {
  private static final int IMAGE_SIZE = 64;
  private static final double RATE = 1e-3;

  private static TrainerConfig config(
      EncoderType type, int maskSide, Precision precision, double dropPathRate) {
    return config(type, maskSide, precision, dropPathRate, LossConfig.SIMMIM);
  }

  private static TrainerConfig config(
      EncoderType type, int maskSide, Precision precision, double dropPathRate, LossConfig loss) {
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            4,
            16,
            List.of(2, 2),
            List.of(2, 4),
            4,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            dropPathRate);
    return new TrainerConfig(
        new ModelConfig(
            IMAGE_SIZE,
            maskSide,
            new ModelChoices(
                ObjectiveConfig.SIMMIM, encoder, HeadConfig.LINEAR, TargetConfig.PIXELS, loss),
            false),
        ClusterColors.NONE,
        SmallModel.OPTIMIZER,
        precision,
        1,
        "cpu",
        7);
  }

  private static float[] pixels(int images, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[images * 3 * IMAGE_SIZE * IMAGE_SIZE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return pixels;
  }

  private static byte[] masks(int images, int maskSide, long seed) {
    Random random = new Random(seed);
    byte[] masks = new byte[images * maskSide * maskSide];
    for (int i = 0; i < masks.length; i++) {
      masks[i] = (byte) (random.nextDouble() < 0.6 ? 1 : 0);
    }
    return masks;
  }

  private static MicroBatch batch(int images, int maskSide, long seed) {
    return MicroBatch.normalised(
        IMAGE_SIZE, maskSide, pixels(images, seed), masks(images, maskSide, seed));
  }

  /** Mask patches of 4 pixels (finer than cells), 8 (cells) and 32. */
  @ParameterizedTest
  @CsvSource({"SWIN, 16", "SWIN, 8", "SWIN, 2", "SWINV2, 16", "SWINV2, 8", "SWINV2, 2"})
  void countsExactlyTheMaskedPixels(EncoderType type, int maskSide) {
    float[] pixels = pixels(3, 5);
    byte[] masks = masks(3, maskSide, 5);
    MicroBatch batch = MicroBatch.normalised(IMAGE_SIZE, maskSide, pixels, masks);
    try (TrainingModel model = TrainingModel.create(config(type, maskSide, Precision.FP32, 0))) {
      model.accumulateNow(batch(2, maskSide, 1), 0, 1);
      model.update(0.05); // so that tables and biases are not zero

      double expected = loss(pixels, model.reconstruct(batch), masks, maskSide, Math::abs);

      assertThat(model.accumulateNow(batch, 1, 1)).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void knowsOtherLosses() {
    DoubleUnaryOperator smooth = d -> Math.abs(d) < 1 ? d * d / 2 : Math.abs(d) - 0.5;
    assertLoss(new LossConfig(LossType.L2, LossArea.MASKED), masks(3, 16, 5), d -> d * d);
    assertLoss(new LossConfig(LossType.SMOOTH_L1, LossArea.MASKED), masks(3, 16, 5), smooth);
  }

  @Test
  void countsEveryPixelWhereTheWholeImageIsToBePredicted() {
    byte[] everything = new byte[3 * 16 * 16];
    Arrays.fill(everything, (byte) 1);
    assertLoss(new LossConfig(LossType.L1, LossArea.FULL), everything, Math::abs);
  }

  private static void assertLoss(LossConfig loss, byte[] counted, DoubleUnaryOperator difference) {
    float[] pixels = pixels(3, 5);
    MicroBatch batch = MicroBatch.normalised(IMAGE_SIZE, 16, pixels, masks(3, 16, 5));
    try (TrainingModel model =
        TrainingModel.create(config(EncoderType.SWIN, 16, Precision.FP32, 0, loss))) {
      double expected = loss(pixels, model.reconstruct(batch), counted, 16, difference);

      assertThat(model.accumulateNow(batch, 1, 1)).isCloseTo(expected, within(1e-5));
    }
  }

  private static double loss(
      float[] pixels,
      float[] predicted,
      byte[] masks,
      int maskSide,
      DoubleUnaryOperator difference) {
    int patch = IMAGE_SIZE / maskSide;
    double sum = 0;
    long masked = 0;
    for (int i = 0; i < pixels.length; i++) {
      int column = i % IMAGE_SIZE;
      int row = i / IMAGE_SIZE % IMAGE_SIZE;
      int image = i / (3 * IMAGE_SIZE * IMAGE_SIZE);
      if (masks[(image * maskSide + row / patch) * maskSide + column / patch] != 0) {
        sum += difference.applyAsDouble((double) pixels[i] - predicted[i]);
        masked++;
      }
    }
    return sum / masked;
  }

  @ParameterizedTest
  @EnumSource(names = {"SWIN", "SWINV2"})
  void goesOnAfterARestoreExactlyAsWithoutOne(EncoderType type) throws Exception {
    TrainerConfig config = config(type, 8, Precision.FP32, 0.3);
    try (TrainingModel model = TrainingModel.create(config)) {
      model.accumulateNow(batch(4, 8, 1), 0, 1);
      model.update(RATE);
      model.accumulateNow(batch(4, 8, 2), 1, 0.5);
      try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP);
          TrainingModel resumed = TrainingModel.create(config, new Saved(snapshot))) {
        finish(model);
        finish(resumed);

        assertThat(bytes(resumed)).isEqualTo(bytes(model));
      }
    }
  }

  private static void finish(TrainingModel model) {
    model.accumulateNow(batch(3, 8, 3), 2, 0.5);
    model.update(RATE);
    model.accumulateNow(batch(4, 8, 4), 3, 1);
    model.update(RATE);
  }

  private static List<ByteBuffer> bytes(TrainingModel model) throws Exception {
    List<ByteBuffer> all = new ArrayList<>();
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      for (int i = 0; i < snapshot.tensors().size(); i++) {
        ByteBuffer bytes = ByteBuffer.allocate((int) snapshot.tensors().get(i).bytes());
        snapshot.read(i, 0, bytes);
        all.add(bytes.flip());
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(names = {"SWIN", "SWINV2"})
  void losesLittleInBfloat16(EncoderType type) {
    MicroBatch batch = batch(2, 8, 9);
    try (TrainingModel exact = TrainingModel.create(config(type, 8, Precision.FP32, 0));
        TrainingModel rough = TrainingModel.create(config(type, 8, Precision.BF16, 0))) {
      double expected = exact.accumulateNow(batch, 0, 1);

      assertThat(rough.accumulateNow(batch, 0, 1)).isCloseTo(expected, within(0.01 * expected));
      assertThat(rough.update(RATE)).isCloseTo(exact.update(RATE), within(0.05));
    }
  }

  @Test
  void learnsToRepeatOneBatch() {
    MicroBatch batch = batch(2, 2, 3);
    try (TrainingModel model =
        TrainingModel.create(config(EncoderType.SWIN, 2, Precision.FP32, 0))) {
      double first = model.accumulateNow(batch, 0, 1);
      double last = first;
      for (int step = 1; step < 30; step++) {
        model.update(0.01);
        last = model.accumulateNow(batch, step, 1);
      }

      assertThat(last).isLessThan(0.9 * first);
    }
  }
}
