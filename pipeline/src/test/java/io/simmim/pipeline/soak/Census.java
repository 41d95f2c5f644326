package io.simmim.pipeline.soak;

import io.simmim.schemas.ReachableObjects;
import io.simmim.trainer.torch.TensorMemory;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;

/**
 * What this JVM holds, counted.
 *
 * @param objects reachable instances by class, of this project and of what it reaches native code
 *     through; of the classes of lambdas none, whose instances come with their first use
 * @param tensors of libtorch
 * @param tensorBytes of states and snapshots
 * @param threads of this project by name, without numbers
 * @param others threads, open files and direct buffers of Flink and the JDK, which keep pools of
 *     them as they like; without the JVM's common pool, which the number of processors bounds
 */
record Census(
    Map<String, Long> objects,
    int tensors,
    long tensorBytes,
    Map<String, Long> threads,
    Map<String, Long> others) {

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private static final Pattern COUNTED =
      Pattern.compile("(io\\.simmim\\.(?!pipeline\\.soak\\.)|ai\\.djl\\.|org\\.bytedeco\\.).*");

  private static final Pattern OWN_THREAD =
      Pattern.compile(
          "(simmim-|chunk-fetcher-|restart-watch|stop-on-signal|shard-indexer|folder-lister|arrivals-).*");

  /** Threads of a cluster in this JVM, which ends some time after its last job. */
  private static final Pattern CLUSTER_THREAD =
      Pattern.compile(
          "(flink-(pekko|metrics|scheduler)|mini-cluster-|jobmanager-|resourcemanager_|BLOB ).*");

  private static final String COMMON_POOL = "ForkJoinPool.commonPool-";

  /**
   * Of a cluster's pools that get another thread with a task until they have as many as their size
   * allows, which is that of the processors. They end with the cluster.
   */
  private static final Pattern CLUSTER_POOL =
      Pattern.compile(
          "thread (flink-(pekko|metrics|rest-)|Flink-\\w+-(IO-)?thread|jobmanager-(io|future)-"
              + "|mini-cluster-io-).*");

  static boolean canBeTaken() {
    return Files.isDirectory(OPEN_FILES);
  }

  static Census take() throws IOException, JMException {
    Map<String, Long> threads = new TreeMap<>();
    Map<String, Long> others = new TreeMap<>();
    for (String name : threadNames()) {
      if (!name.startsWith(COMMON_POOL)) {
        boolean isOwn = OWN_THREAD.matcher(name).matches();
        (isOwn ? threads : others).merge("thread " + withoutNumbers(name), 1L, Long::sum);
      }
    }
    Map<String, Long> objects = ReachableObjects.count(Census::isCounted); // collects garbage
    countOpenFiles(others);
    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
        .forEach(pool -> others.put("buffers " + pool.getName(), pool.getCount()));
    return new Census(objects, TensorMemory.tensors(), TensorMemory.heldBytes(), threads, others);
  }

  /** Whether a cluster runs in this JVM, or is still about to end. */
  static boolean hasCluster() {
    return threadNames().stream().anyMatch(name -> CLUSTER_THREAD.matcher(name).matches());
  }

  /** The lower of two counts of each kind: work that was under way in one of them is left out. */
  Census least(Census other) {
    return new Census(
        least(objects, other.objects),
        Math.min(tensors, other.tensors),
        Math.min(tensorBytes, other.tensorBytes),
        threads,
        least(others, other.others));
  }

  private static Map<String, Long> least(Map<String, Long> left, Map<String, Long> right) {
    Map<String, Long> least = new TreeMap<>(left);
    least.replaceAll((kind, count) -> Math.min(count, right.getOrDefault(kind, 0L)));
    return least;
  }

  /** Whether a line of what has grown is of a pool that may, for as long as its cluster lives. */
  static boolean isOfClusterPool(String grown) {
    return CLUSTER_POOL.matcher(grown).matches();
  }

  /** The kinds of which there are more than so many more than before. */
  static List<String> grown(Map<String, Long> before, Map<String, Long> now, long allowed) {
    return now.entrySet().stream()
        .filter(entry -> entry.getValue() > before.getOrDefault(entry.getKey(), 0L) + allowed)
        .map(
            entry ->
                "%s: %d, then %d"
                    .formatted(
                        entry.getKey(), before.getOrDefault(entry.getKey(), 0L), entry.getValue()))
        .toList();
  }

  private static boolean isCounted(String type) {
    return COUNTED.matcher(type).matches() && !type.contains("$$Lambda");
  }

  private static List<String> threadNames() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  private static void countOpenFiles(Map<String, Long> counts) throws IOException {
    try (Stream<Path> open = Files.list(OPEN_FILES)) {
      for (Path file : open.toList()) {
        try {
          String target = Files.readSymbolicLink(file).toString();
          counts.merge("file " + withoutNumbers(target), 1L, Long::sum);
        } catch (IOException e) {
          // The listing itself, closed by now.
        }
      }
    }
  }

  /** Also without hexadecimal ones, such as UUIDs. */
  private static String withoutNumbers(String name) {
    return name.replaceAll("\\b[0-9a-f]+(-[0-9a-f]+){4}|\\d+", "#");
  }
}
