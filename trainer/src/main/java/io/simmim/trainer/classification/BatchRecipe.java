package io.simmim.trainer.classification;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.mixing.BatchMix;
import io.simmim.trainer.mixing.MixingConfig;
import io.simmim.trainer.mixing.PixelNormalizer;
import io.simmim.trainer.mixing.RandomErasing;
import io.simmim.trainer.model.classifier.ClassifierConfig;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * What is done to the images of a micro-batch, and what is to be said of them: erasing, then Mixup
 * or CutMix, soft targets. A pure function of seed, epoch and number of each image, and of the
 * micro-batch's number.
 *
 * @param smoothing share of the probability that all classes get alike, 0 to 1
 */
public record BatchRecipe(MixingConfig mixing, RandomErasing erasing, double smoothing)
    implements Serializable {
  private static final int CHANNELS = 3;

  public BatchRecipe {
    Objects.requireNonNull(mixing, "mixing");
    Objects.requireNonNull(erasing, "erasing");
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "finetune.label-smoothing must be at least 0 and below 1: " + smoothing);
    }
  }

  /**
   * A micro-batch with targets.
   *
   * @param batch made of chunks
   * @param labels of its images, (m)
   * @param model tells the number of classes, and how images are normalised
   * @param number of the micro-batch in the whole run
   */
  MicroBatch apply(MicroBatch batch, int[] labels, ClassifierConfig model, long seed, long number) {
    int size = batch.imageSize();
    BatchMix mix = mixing.draw(size, new Philox(seed, Purpose.MIXING, 0, number));
    float[] targets = mix.targets(labels, model.classes(), smoothing);
    if (mix.share() == 1 && erasing.probability() == 0) {
      return batch.withTargets(targets); // bytes, a quarter of what goes to the device
    }
    PixelNormalizer normalizer = new PixelNormalizer(model.normalization());
    float[] pixels = normalised(normalizer, batch.chunks(), labels.length, size, seed);
    mix.apply(pixels, labels.length, size);
    return MicroBatch.normalised(
            size,
            batch.maskSide(),
            pixels,
            new byte[labels.length * batch.maskSide() * batch.maskSide()])
        .withTargets(targets);
  }

  private float[] normalised(
      PixelNormalizer normalizer, List<TensorChunk> chunks, int images, int size, long seed) {
    int length = CHANNELS * size * size;
    MicroBatch.requireRoom((long) Float.BYTES * images * length);
    float[] pixels = new float[images * length];
    int image = 0;
    for (TensorChunk chunk : chunks) {
      normalizer.normalize(chunk.pixels(), size, pixels, image * length);
      for (long id : chunk.sampleIds()) {
        Philox random = new Philox(seed, Purpose.ERASING, chunk.epoch(), id);
        erasing.erase(pixels, image * length, size, random);
        image++;
      }
    }
    return pixels;
  }
}
