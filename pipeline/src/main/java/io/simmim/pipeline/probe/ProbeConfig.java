package io.simmim.pipeline.probe;

import io.simmim.schemas.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * How linear classifiers are trained.
 *
 * @param epochs passes over the training set
 * @param batch images of an update; if absent, {@link #batch} of the number of images
 * @param rates learning rates for a batch of {@link #REFERENCE_BATCH} images, all tried
 * @param seed of the order of images
 * @param cache local folder that keeps features while the command runs
 */
public record ProbeConfig(
    int epochs, OptionalInt batch, List<Double> rates, long seed, Path cache) {
  /** The rates are scaled linearly from it to the batch. */
  public static final int REFERENCE_BATCH = 256;

  /** Rates that are tried unless told otherwise. */
  public static final List<Double> USUAL_RATES = List.of(0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0);

  private static final int MOST_EPOCHS = 100_000;
  private static final int LARGEST_BATCH = 65_536;
  private static final int MOST_RATES = 32;

  /** Batch of a large set. */
  private static final int USUAL_BATCH = 1024;

  /** Updates per epoch of a small set, so that it has enough of them. */
  private static final int UPDATES_PER_EPOCH = 16;

  private static final int SMALLEST_BATCH = 16;

  /** Of nine epochs one is warm-up, as ten of ninety in MAE's protocol. */
  private static final double WARMUP_SHARE = 1 / 9.0;

  public ProbeConfig {
    rates = List.copyOf(rates);
    if (epochs < 1 || epochs > MOST_EPOCHS) {
      throw new UserError("--epochs must be 1 to %d: %d".formatted(MOST_EPOCHS, epochs));
    }
    if (batch.isPresent() && (batch.getAsInt() < 2 || batch.getAsInt() > LARGEST_BATCH)) {
      throw new UserError("--batch must be 2 to %d: %d".formatted(LARGEST_BATCH, batch.getAsInt()));
    }
    if (rates.isEmpty() || rates.size() > MOST_RATES) {
      throw new UserError(
          "--rates must be 1 to %d numbers: %d".formatted(MOST_RATES, rates.size()));
    }
    for (double rate : rates) {
      if (!(rate > 0 && rate < Float.MAX_VALUE)) {
        throw new UserError("--rates must be finite and above 0: " + rate);
      }
    }
    if (!Files.isDirectory(cache) || !Files.isWritable(cache)) {
      throw new UserError("--cache must be a local folder that can be written: " + cache);
    }
  }

  /** Images of an update in a training set of so many. */
  int batch(int images) {
    int usual = Math.min(USUAL_BATCH, Math.max(SMALLEST_BATCH, images / UPDATES_PER_EPOCH));
    return Math.min(images, batch.orElse(usual));
  }

  /**
   * What the rates are multiplied by: a linear warm-up, then half a cosine to zero.
   *
   * @param step number of the update, from 0
   * @param steps updates in all
   */
  double factor(long step, long steps, int batch) {
    double scale = (double) batch / REFERENCE_BATCH;
    long warmup = Math.round(steps * WARMUP_SHARE);
    if (step < warmup) {
      return scale * step / warmup;
    }
    return scale * 0.5 * (1 + StrictMath.cos(Math.PI * (step - warmup) / (steps - warmup)));
  }
}
