package io.simmim.pipeline.config.cluster;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/**
 * What a slot of each kind of task asks a TaskManager for, so that some machines decode and others
 * train. All keys are set, or none. Two external resources, since a slot that asks for cores and
 * heap only is cut from any machine: the decoding tasks would take those beside the GPU, and the
 * trainer would wait for them for ever.
 *
 * @param imagesExternalResource what TaskManagers that decode declare, one a decoding task; or null
 * @param imagesCpuCores cores of a decoding task; 0 = not set
 * @param imagesTaskHeap heap of a decoding task, or null
 * @param trainerExternalResource what TaskManagers that train declare, one a trainer; or null
 * @param trainerCpuCores cores of the trainer; 0 = not set
 * @param trainerTaskHeap heap of the trainer, or null
 */
public record ResourcesConfig(
    String imagesExternalResource,
    double imagesCpuCores,
    MemorySize imagesTaskHeap,
    String trainerExternalResource,
    double trainerCpuCores,
    MemorySize trainerTaskHeap) {
  private static final int KEYS = 6;

  public ResourcesConfig {
    requireName("images-external-resource", imagesExternalResource);
    requireCores("images-cpu-cores", imagesCpuCores);
    requireHeap("images-task-heap", imagesTaskHeap);
    requireName("trainer-external-resource", trainerExternalResource);
    requireCores("trainer-cpu-cores", trainerCpuCores);
    requireHeap("trainer-task-heap", trainerTaskHeap);
    List<String> missing = new ArrayList<>();
    noteUnless(imagesExternalResource != null, "images-external-resource", missing);
    noteUnless(imagesCpuCores > 0, "images-cpu-cores", missing);
    noteUnless(imagesTaskHeap != null, "images-task-heap", missing);
    noteUnless(trainerExternalResource != null, "trainer-external-resource", missing);
    noteUnless(trainerCpuCores > 0, "trainer-cpu-cores", missing);
    noteUnless(trainerTaskHeap != null, "trainer-task-heap", missing);
    if (!missing.isEmpty() && missing.size() < KEYS) {
      throw new IllegalArgumentException(
          "all of resources.* must be set or none; missing: " + String.join(", ", missing));
    }
    if (missing.isEmpty() && imagesExternalResource.equals(trainerExternalResource)) {
      throw new IllegalArgumentException(
          "resources.images-external-resource and resources.trainer-external-resource must differ: "
              + imagesExternalResource);
    }
  }

  /** Whether tasks ask for machines of their own. */
  public boolean areSet() {
    return imagesExternalResource != null;
  }

  private static void noteUnless(boolean set, String key, List<String> missing) {
    if (!set) {
      missing.add("resources." + key);
    }
  }

  private static void requireName(String key, String name) {
    if (name != null && !name.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "resources.%s must be letters, digits, - and _: %s".formatted(key, name));
    }
  }

  private static void requireCores(String key, double cores) {
    if (!(cores >= 0 && cores <= 1024)) {
      throw new IllegalArgumentException(
          "resources.%s must be between 0 and 1024: %s".formatted(key, cores));
    }
  }

  private static void requireHeap(String key, MemorySize heap) {
    if (heap != null && heap.getBytes() == 0) {
      throw new IllegalArgumentException(
          "resources.%s must be more than 0 bytes: %s".formatted(key, heap));
    }
  }
}
