package io.simmim.pipeline.probe;

import io.simmim.pipeline.evaluate.Workers;
import io.simmim.schemas.random.KeyedPermutation;
import io.simmim.trainer.inference.FeatureSet;
import io.simmim.trainer.probe.LinearProbe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Trains the classifiers of all sets of features together: all of them see the same images at about
 * the same time, so that the features are read once per epoch. What an epoch leaves over of its
 * last batch is left out, as MAE's loader does. Sets share nothing, so the result does not depend
 * on threads.
 */
final class ProbeTraining {
  /**
   * Steps between two at which all threads wait for each other: few enough that what they read is
   * still in memory when the next one reads it.
   */
  private static final int BLOCK_STEPS = 16;

  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final LinearProbe probe;
  private final List<FeatureSet> sets;
  private final FeatureCache features;
  private final ProbeConfig config;
  private final int threads;
  private final Consumer<String> say;

  ProbeTraining(
      LinearProbe probe,
      List<FeatureSet> sets,
      FeatureCache features,
      ProbeConfig config,
      int threads,
      Consumer<String> say) {
    this.probe = probe;
    this.sets = sets;
    this.features = features;
    this.config = config;
    this.threads = threads;
    this.say = say;
  }

  void run() throws IOException, InterruptedException {
    int workers = Math.min(threads, sets.size());
    int[] images = features.images();
    int batch = config.batch(images.length);
    int stepsPerEpoch = images.length / batch;
    long steps = (long) config.epochs() * stepsPerEpoch;
    List<ByteBuffer> memory = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      int widest = sets.stream().mapToInt(FeatureSet::width).max().orElseThrow();
      memory.add(ByteBuffer.allocateDirect(Math.multiplyExact(batch, widest * Float.BYTES)));
    }
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    long start = System.nanoTime();
    long told = start;
    try {
      for (long step = 0; step < steps; step += BLOCK_STEPS) {
        List<Step> block = new ArrayList<>();
        for (long at = step; at < Math.min(step + BLOCK_STEPS, steps); at++) {
          block.add(step(at, images, batch, stepsPerEpoch, steps));
        }
        List<Callable<Void>> work = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
          int first = worker;
          work.add(() -> train(block, first, workers, memory.get(first)));
        }
        for (Future<Void> done : pool.invokeAll(work)) {
          Workers.requireDone(done);
        }
        long now = System.nanoTime();
        if (now - told >= INTERVAL.toNanos()) {
          told = now;
          say.accept(progress(step + block.size(), steps, now - start));
        }
      }
    } finally {
      Workers.end(pool);
    }
  }

  /**
   * What all sets see in one step.
   *
   * @param factor of the learning rates
   */
  private record Step(int[] images, long[] labels, double factor) {}

  private Step step(long step, int[] all, int batch, int stepsPerEpoch, long steps) {
    int epoch = (int) (step / stepsPerEpoch);
    long first = step % stepsPerEpoch * batch;
    KeyedPermutation order = new KeyedPermutation(config.seed(), epoch, all.length);
    int[] images = new int[batch];
    for (int i = 0; i < batch; i++) {
      images[i] = all[(int) order.imageAt(first + i)];
    }
    return new Step(images, features.labels(images), config.factor(step, steps, batch));
  }

  /** The part of one of several workers: of so many sets as there are workers, one. */
  private Void train(List<Step> block, int worker, int workers, ByteBuffer memory)
      throws IOException, InterruptedException {
    for (Step step : block) {
      int first = 0;
      for (int set = 0; set < sets.size(); set++) {
        int width = sets.get(set).width();
        if (set % workers == worker) {
          if (Thread.interrupted()) { // a step of many classes takes long, and a block has many
            throw new InterruptedException("the training of classifiers is to end");
          }
          FloatBuffer values = features.values(step.images, first, width, memory);
          probe.step(set, values, step.labels, step.factor);
        }
        first += width;
      }
    }
    return null;
  }

  private String progress(long step, long steps, long nanos) {
    long seconds = Math.round(nanos / 1e9 / step * (steps - step));
    return String.format(
        Locale.ROOT,
        "probe: step %d/%d  ETA %d:%02d:%02d",
        step,
        steps,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60);
  }
}
