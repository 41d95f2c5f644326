package io.simmim.trainer.bench;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.state.InitialState;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Times training steps (forward, loss, backward, clipping, AdamW) on random images, each step on
 * other ones, the copy to the device included; of a classifier also what is done to its batches.
 */
public final class TrainBench implements AutoCloseable {
  /** More take memory for their times, and tell nothing more. */
  public static final int MOST_STEPS = 1_000_000;

  /** Calls before the first timed one: libtorch profiles and then compiles, the allocator grows. */
  private static final int WARM_UP_STEPS = 3;

  private static final double LEARNING_RATE = 1e-4;

  /**
   * Result of a run.
   *
   * @param medianMillis median time of a step in milliseconds
   * @param imagesPerSecond batch over median
   * @param loss of the last step
   */
  public record Result(double medianMillis, double imagesPerSecond, double loss) {}

  private final LearnerConfig config;
  private final int maskSide;
  private final int maskedPatches;
  private final Learner model;
  private int number;

  /**
   * Makes the model.
   *
   * @param config what is trained; the numbers of the images of a batch begin at 0
   * @param maskSide side G of the masks that come with images
   * @param maskedPatches masked ones of the mask patches of each image
   */
  public TrainBench(LearnerConfig config, int maskSide, int maskedPatches) {
    this.config = config;
    this.maskSide = maskSide;
    this.maskedPatches = maskedPatches;
    try {
      this.model = config.create(new InitialState.Random());
    } catch (IOException e) {
      throw new IllegalStateException("nothing is read to draw parameters", e);
    }
  }

  /**
   * Warms up, then measures.
   *
   * @param batch images per step, without accumulation
   * @param steps timed steps
   */
  public Result run(int batch, int steps) {
    if (batch < 1 || steps < 1) {
      throw new IllegalArgumentException(
          "batch and steps must be at least 1: %d, %d".formatted(batch, steps));
    }
    warmUp(batch);
    return measure(batch, steps);
  }

  /**
   * Trains until steps of a batch size take their usual time.
   *
   * @return the losses
   */
  public double[] warmUp(int batch) {
    double[] losses = new double[WARM_UP_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step(images(batch));
    }
    return losses;
  }

  /** Times steps of a batch size. */
  public Result measure(int batch, int steps) {
    double[] millis = new double[steps];
    double loss = 0;
    for (int i = 0; i < steps; i++) {
      MicroBatch images = images(batch);
      long start = System.nanoTime();
      loss = step(images);
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    double median = (millis[(steps - 1) / 2] + millis[steps / 2]) / 2;
    return new Result(median, batch / median * 1e3, loss);
  }

  private double step(MicroBatch images) {
    double loss = model.accumulateNow(images, number++, 1);
    model.update(scale -> scale * LEARNING_RATE);
    return loss;
  }

  private MicroBatch images(int batch) {
    return MicroBatch.of(List.of(randomChunk(batch)));
  }

  @Override
  public void close() {
    model.close();
  }

  private TensorChunk randomChunk(int batch) {
    Philox random = new Philox(config.settings().seed(), Purpose.CROP, 0, number);
    int size = config.imageSize();
    byte[] pixels = new byte[Math.toIntExact(3L * batch * size * size)];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextBits();
    }
    int cells = maskSide * maskSide;
    byte[] masks = new byte[batch * cells];
    for (int image = 0; image < batch; image++) {
      int left = maskedPatches;
      for (int cell = 0; cell < cells; cell++) {
        if (random.nextInt(cells - cell) < left) {
          masks[image * cells + cell] = 1;
          left--;
        }
      }
    }
    long[] ids = LongStream.range(0, batch).toArray();
    return new TensorChunk(number, number, size, maskSide, ids, pixels, masks, List.of());
  }
}
