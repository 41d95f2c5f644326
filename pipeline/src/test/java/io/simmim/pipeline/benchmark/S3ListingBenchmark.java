package io.simmim.pipeline.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.util.WrappingProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists a bucket of many folders, 20 ms away: folder by folder, and without folders, as the file
 * system inside the plugin can ({@code docs/notes/listing.md}). The command is in {@code
 * docs/benchmarks.md}; without the property it does nothing.
 */
class S3ListingBenchmark {
  private static final int FOLDERS = Integer.getInteger("simmim.benchmark.folders", 0);
  private static final int IMAGES = Integer.getInteger("simmim.benchmark.images", 1);
  private static final int FOLDERS_PER_PARENT = 40;
  private static final String INPUT = "s3://" + S3Server.BUCKET + "/nested";

  @TempDir private Path work;

  @Test
  void oneFolderAfterTheOtherSeveralAtOnceAndAllInOne() throws Exception {
    assumeTrue(FOLDERS > 0, "a number of folders is given");
    try (S3Server server = S3Server.start(work.resolve("server"));
        DistantS3 distant =
            DistantS3.start(server, new DistantS3.Behavior(Duration.ofMillis(20), 0, 0, false))) {
      for (int i = 0; i < FOLDERS; i++) {
        for (int image = 0; image < IMAGES; image++) {
          server.put(
              "nested/%03d/%03d/image-%04d.jpg"
                  .formatted(i / FOLDERS_PER_PARENT, i % FOLDERS_PER_PARENT, image),
              new byte[1]);
        }
      }
      S3Files.connect(distant.endpoint());
      for (int round = 0; round < 3; round++) {
        measure("1 folder at once", distant, () -> byFolders(1));
        measure("32 folders at once", distant, () -> byFolders(32));
        measure("flat", distant, S3ListingBenchmark::flat);
      }
    }
  }

  private static void measure(String what, DistantS3 distant, Callable<Integer> listing)
      throws Exception {
    long requests = distant.requests();
    long start = System.nanoTime();
    assertThat(listing.call()).isEqualTo(FOLDERS * IMAGES);
    System.out.printf(
        "%s: %.2f s, %d requests%n",
        what, (System.nanoTime() - start) / 1e9, distant.requests() - requests);
  }

  private static int byFolders(int concurrency) {
    ShardReading reading = new ShardReading(concurrency, 5, Duration.ofMillis(200));
    return Math.toIntExact(CatalogLister.list(List.of(INPUT), List.of(), reading).size());
  }

  /** Only counts: no catalog is made, and nothing is left out. */
  private static int flat() throws Exception {
    Object plugin = new org.apache.flink.core.fs.Path(INPUT).getFileSystem();
    while (plugin instanceof WrappingProxy<?> proxy) {
      plugin = proxy.getWrappedDelegate();
    }
    Object files = plugin.getClass().getMethod("getHadoopFileSystem").invoke(plugin);
    ClassLoader loader = files.getClass().getClassLoader();
    Class<?> path = loader.loadClass("org.apache.hadoop.fs.Path");
    Object found =
        files
            .getClass()
            .getMethod("listFiles", path, boolean.class)
            .invoke(files, path.getConstructor(URI.class).newInstance(URI.create(INPUT)), true);
    Class<?> iterator = loader.loadClass("org.apache.hadoop.fs.RemoteIterator");
    Method hasNext = iterator.getMethod("hasNext");
    Method next = iterator.getMethod("next");
    int count = 0;
    while ((boolean) hasNext.invoke(found)) {
      next.invoke(found);
      count++;
    }
    return count;
  }
}
