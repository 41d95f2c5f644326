package io.simmim.trainer.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.mixing.MixingConfig;
import io.simmim.trainer.mixing.RandomErasing;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import io.simmim.trainer.model.classifier.Pooling;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchRecipeTest {
  private static final int SIZE = 16;
  private static final ClassifierConfig MODEL = model(Normalization.IMAGENET);
  private static final int LENGTH = 3 * SIZE * SIZE;
  private static final long SEED = 7;
  private static final int[] LABELS = {0, 1, 2, 0};

  private static final BatchRecipe NOTHING = recipe(0, 0, 0);
  private static final BatchRecipe MIXES = recipe(0.8, 1, 0);
  private static final BatchRecipe ERASES = recipe(0, 0, 1);

  private static ClassifierConfig model(Normalization normalization) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            8,
            8,
            List.of(1),
            List.of(2),
            0,
            0,
            4,
            true,
            true,
            RelativePositionBias.NONE,
            0,
            0);
    return new ClassifierConfig(SIZE, encoder, Pooling.MEAN, 3, false, normalization);
  }

  private static BatchRecipe recipe(double mixup, double cutmix, double erasing) {
    return new BatchRecipe(
        new MixingConfig(mixup, cutmix, 1, 0.5), RandomErasing.withProbability(erasing), 0.1);
  }

  private static TensorChunk chunk(int epoch, long... ids) {
    byte[] pixels = new byte[ids.length * LENGTH];
    for (int i = 0; i < ids.length; i++) {
      byte[] image = new byte[LENGTH];
      new Random(ids[i]).nextBytes(image);
      System.arraycopy(image, 0, pixels, i * LENGTH, LENGTH);
    }
    return new TensorChunk(0, epoch, SIZE, 1, ids, pixels, new byte[ids.length], List.of());
  }

  private static float[] pixels(BatchRecipe recipe, long number, TensorChunk... chunks) {
    return pixels(recipe, MODEL, number, chunks);
  }

  private static float[] pixels(
      BatchRecipe recipe, ClassifierConfig model, long number, TensorChunk... chunks) {
    MicroBatch batch = MicroBatch.of(List.of(chunks));
    int[] labels = Arrays.copyOf(LABELS, batch.images());
    ByteBuffer into =
        ByteBuffer.allocate(batch.images() * LENGTH * Float.BYTES).order(ByteOrder.nativeOrder());
    recipe.apply(batch, labels, model, SEED, number).copyPixels(into);
    float[] values = new float[batch.images() * LENGTH];
    into.rewind().asFloatBuffer().get(values);
    return values;
  }

  /** A resumed run cuts and meets the same micro-batches again, and nothing else is remembered. */
  @Test
  void isAFunctionOfTheMicroBatchAlone() {
    TensorChunk chunk = chunk(1, 11, 12, 13, 14);
    float[] fifth = pixels(MIXES, 5, chunk);
    float[] sixth = pixels(MIXES, 6, chunk);

    assertThat(pixels(MIXES, 5, chunk)).isEqualTo(fifth);
    assertThat(sixth).isNotEqualTo(fifth);
    assertThat(pixels(MIXES, 5, chunk(1, 11, 12), chunk(1, 13, 14))).isEqualTo(fifth);
  }

  /** Whichever images are beside it. */
  @Test
  void erasesByTheNumberOfTheImageAndTheEpoch() {
    float[] together = pixels(ERASES, 0, chunk(1, 11, 12, 13));
    float[] alone = pixels(ERASES, 9, chunk(1, 13));
    float[] later = pixels(ERASES, 0, chunk(2, 13));

    assertThat(alone).isEqualTo(Arrays.copyOfRange(together, 2 * LENGTH, 3 * LENGTH));
    assertThat(later).isNotEqualTo(alone);
  }

  /** What is erased is drawn, whatever the model is shown. */
  @Test
  void normalisesAsTheModelIsShown() {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    BatchRecipe alone = recipe(0.8, 0, 0);
    float[] imagenet = pixels(alone, 3, chunk(1, 11, 12));
    float[] halved = pixels(alone, model(half), 3, chunk(1, 11, 12));

    for (int i = 0; i < imagenet.length; i++) {
      int channel = i / (SIZE * SIZE) % 3;
      double mean = Normalization.IMAGENET.mean().get(channel);
      double deviation = Normalization.IMAGENET.deviation().get(channel);
      assertThat((double) halved[i])
          .isCloseTo((imagenet[i] * deviation + mean - 0.5) / 0.5, within(1e-5));
    }
  }

  @Test
  void sendsBytesWhereNothingIsDone() {
    MicroBatch batch = MicroBatch.of(List.of(chunk(1, 11, 12)));
    ByteBuffer into = ByteBuffer.allocate(2 * LENGTH);

    NOTHING.apply(batch, new int[] {0, 1}, MODEL, SEED, 0).copyPixels(into);

    assertThat(into.array()).isEqualTo(chunk(1, 11, 12).pixels());
  }

  @Test
  void refusesSmoothingThatLeavesNothing() {
    assertThatThrownBy(() -> new BatchRecipe(NOTHING.mixing(), NOTHING.erasing(), 1))
        .hasMessage("finetune.label-smoothing must be at least 0 and below 1: 1.0");
    assertThat(NOTHING.smoothing()).isCloseTo(0.1, within(0.0));
  }
}
