package io.simmim.pipeline.estimate;

import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model on chunks, and tells what a pass and an update of the parameters take. An update
 * follows each pass, whatever the accumulation: it counts as often as it comes in a run. Belongs to
 * one thread.
 */
final class TimedSteps implements AutoCloseable {
  /** libtorch profiles and then compiles, for each size of a batch; the allocator grows. */
  private static final int WARM_UP = 3;

  private static final double LEARNING_RATE = 1e-4;
  private static final int FEWEST = 3;

  /** Where chunks come from; waits for them. */
  interface Chunks {
    TensorChunk next() throws InterruptedException;
  }

  /**
   * Times of passes.
   *
   * @param images trained on
   * @param passSeconds of all passes, waiting for chunks included
   * @param updateSeconds of one update
   */
  record Times(long images, double passSeconds, double updateSeconds) {
    /**
     * Images per second.
     *
     * @param globalBatch images between two updates
     */
    double imagesPerSecond(int globalBatch) {
      return 1 / (passSeconds / images + updateSeconds / globalBatch);
    }
  }

  private final TrainingModel model;
  private final double limitSeconds;
  private int number;

  /**
   * Makes the model.
   *
   * @param limitSeconds after which no further pass is timed
   */
  TimedSteps(TrainerConfig config, double limitSeconds) {
    this.model = TrainingModel.create(config);
    this.limitSeconds = limitSeconds;
  }

  /**
   * The largest batch of which some passes fit into the limit.
   *
   * @param most chunks that a batch may have
   * @return chunks of a batch, at least 1
   */
  int chunksWithinLimit(Chunks chunks, int most) throws InterruptedException {
    for (int i = 0; i < WARM_UP - 1; i++) {
      pass(chunks, 1);
    }
    long start = System.nanoTime();
    pass(chunks, 1);
    double seconds = (System.nanoTime() - start) / 1e9;
    return (int) Math.max(1, Math.min(most, limitSeconds / (2 * FEWEST) / seconds));
  }

  /** Times passes of so many chunks after a warm-up. */
  Times measure(Chunks chunks, int chunksPerPass) throws InterruptedException {
    for (int i = 0; i < WARM_UP; i++) {
      pass(chunks, chunksPerPass);
    }
    long images = 0;
    double updates = 0;
    int passes = 0;
    long start = System.nanoTime();
    double seconds = 0;
    while (passes < FEWEST || seconds < limitSeconds) {
      Pass pass = pass(chunks, chunksPerPass);
      images += pass.images;
      updates += pass.updateSeconds;
      passes++;
      seconds = (System.nanoTime() - start) / 1e9;
    }
    return new Times(images, seconds - updates, updates / passes);
  }

  private record Pass(int images, double updateSeconds) {}

  private Pass pass(Chunks chunks, int count) throws InterruptedException {
    List<TensorChunk> batch = new ArrayList<>();
    int images = 0;
    while (batch.size() < count || images == 0) { // all images of a chunk may be rejected
      TensorChunk chunk = chunks.next();
      batch.add(chunk);
      images += chunk.size();
    }
    model.accumulateNow(MicroBatch.of(batch), number++, 1);
    long start = System.nanoTime();
    model.update(LEARNING_RATE);
    return new Pass(images, (System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    model.close();
  }
}
