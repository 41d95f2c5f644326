package io.simmim.pipeline.probe;

import io.simmim.pipeline.evaluate.FeaturePass;
import io.simmim.pipeline.evaluate.LabelledFeatures;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.UserError;
import io.simmim.trainer.inference.FeatureSet;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.probe.LinearProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Computes the features of all layers once and keeps them, trains classifiers at several learning
 * rates on all of them together, and tries each on the validation set.
 */
public final class ProbeMeasurement {
  private final ProbeConfig probe;
  private final int threads;
  private final String device;
  private final Consumer<String> say;

  /**
   * @param threads that train classifiers
   * @param device that they are on, {@code cpu}, or {@code gpu0} and so on
   * @param say takes lines for people
   */
  public ProbeMeasurement(ProbeConfig probe, int threads, String device, Consumer<String> say) {
    this.probe = probe;
    this.threads = threads;
    this.device = device;
    this.say = say;
  }

  /**
   * Measures. The result does not depend on the number of threads.
   *
   * @param pass makes the features of all layers
   * @throws UserError if images, memory or disk space are missing
   */
  public ProbeResults measure(
      FrozenEncoder encoder, FeaturePass pass, LabelledImages training, LabelledImages validation)
      throws IOException, InterruptedException {
    requireEnough(training, training.count());
    List<FeatureSet> sets = encoder.featureSets();
    List<Integer> widths = sets.stream().map(FeatureSet::width).toList();
    int width = widths.stream().mapToInt(Integer::intValue).sum();
    int classes = training.labels().classes().size();
    requireMemory(widths, classes, training.count());
    int all = Math.toIntExact(training.catalog().size());
    try (FeatureCache cache = FeatureCache.create(probe.cache(), all, training.count(), width);
        LinearProbe classifiers = new LinearProbe(widths, classes, probe.rates(), device)) {
      requireEnough(training, pass.run(training, cache::put));
      int images = cache.images().length;
      say.accept(
          "%d layers, %d sets of features, %d learning rates, batch %d, %d epochs; features take %s in %s"
              .formatted(
                  sets.get(sets.size() - 1).layer(),
                  sets.size(),
                  probe.rates().size(),
                  probe.batch(images),
                  probe.epochs(),
                  FeatureCache.gigabytes((long) images * width * Float.BYTES),
                  probe.cache()));
      new ProbeTraining(classifiers, sets, cache, probe, threads, say).run();
      ProbeResults results = new ProbeResults(sets, probe.rates());
      pass.run(validation, chunk -> add(chunk, widths, classifiers, results));
      return results;
    }
  }

  private static void add(
      LabelledFeatures chunk, List<Integer> widths, LinearProbe probe, ProbeResults results) {
    long[] labels = Arrays.stream(chunk.labels()).asLongStream().toArray();
    results.addImages(labels.length);
    int first = 0;
    for (int set = 0; set < widths.size(); set++) {
      int width = widths.get(set);
      FloatBuffer features = FloatBuffer.allocate(labels.length * width);
      for (int image = 0; image < labels.length; image++) {
        features.put(chunk.vectors(), image * chunk.width() + first, width);
      }
      results.add(set, probe.ranks(set, features.flip(), labels));
      first += width;
    }
  }

  /** The variance of one image is no number. */
  private static void requireEnough(LabelledImages training, long images) {
    if (images < 2) {
      throw new UserError(
          "%s must have at least 2 images with a class: %d".formatted(training.option(), images));
    }
  }

  private void requireMemory(List<Integer> widths, int classes, long images) {
    requireMemory(
        widths,
        classes,
        images,
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
            .getTotalMemorySize());
  }

  /** As {@link #measure} does, on a machine of so many bytes. */
  void requireMemory(List<Integer> widths, int classes, long images, long machine) {
    int rates = probe.rates().size();
    int batch = probe.batch((int) Math.min(images, Integer.MAX_VALUE));
    int widest = widths.stream().mapToInt(Integer::intValue).max().orElseThrow();
    long step = LinearProbe.stepBytes(widest, classes, rates, batch);
    long bytes =
        LinearProbe.bytes(widths, classes, rates) + Math.min(threads, widths.size()) * step;
    if (bytes > machine / 2) {
      throw new UserError(
          "classifiers of all layers, classes and learning rates need %s with batches of %d images, more than half of this machine's memory: fewer --rates, a smaller --batch or fewer --threads need less"
              .formatted(FeatureCache.gigabytes(bytes), batch));
    }
  }
}
