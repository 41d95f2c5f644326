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
   * @throws UserError if memory or disk space is missing
   */
  public ProbeResults measure(
      FrozenEncoder encoder, FeaturePass pass, LabelledImages training, LabelledImages validation)
      throws IOException, InterruptedException {
    List<FeatureSet> sets = encoder.featureSets();
    List<Integer> widths = sets.stream().map(FeatureSet::width).toList();
    int width = widths.stream().mapToInt(Integer::intValue).sum();
    int classes = training.labels().classes().size();
    requireMemory(LinearProbe.bytes(widths, classes, probe.rates().size()));
    int all = Math.toIntExact(training.catalog().size());
    try (FeatureCache cache = FeatureCache.create(probe.cache(), all, width);
        LinearProbe classifiers = new LinearProbe(widths, classes, probe.rates(), device)) {
      pass.run(training, cache::put);
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

  private static void requireMemory(long bytes) {
    long half =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize()
            / 2;
    if (bytes > half) {
      throw new UserError(
          "classifiers of all layers, classes and learning rates need %s, more than half of this machine's memory: fewer --rates need less"
              .formatted(FeatureCache.gigabytes(bytes)));
    }
  }
}
