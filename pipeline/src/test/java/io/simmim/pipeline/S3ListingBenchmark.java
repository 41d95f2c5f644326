package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists a bucket of many folders, 20 ms away. The command is in {@code docs/benchmarks.md}; without
 * the property it does nothing.
 */
class S3ListingBenchmark {
  private static final int FOLDERS = Integer.getInteger("simmim.benchmark.folders", 0);
  private static final int FOLDERS_PER_PARENT = 40;

  @TempDir private Path work;

  @Test
  void oneFolderAfterTheOtherAndSeveralAtOnce() throws Exception {
    assumeTrue(FOLDERS > 0, "a number of folders is given");
    try (S3Server server = S3Server.start(work.resolve("server"));
        DistantS3 distant =
            DistantS3.start(server, new DistantS3.Behavior(Duration.ofMillis(20), 0, 0, false))) {
      for (int i = 0; i < FOLDERS; i++) {
        server.put(
            "nested/%03d/%03d/image.jpg".formatted(i / FOLDERS_PER_PARENT, i % FOLDERS_PER_PARENT),
            new byte[1]);
      }
      S3Files.connect(distant.endpoint());
      for (int concurrency : List.of(1, 32, 1, 32)) {
        long requests = distant.requests();
        long start = System.nanoTime();
        Catalog catalog =
            CatalogLister.list(
                List.of("s3://" + S3Server.BUCKET + "/nested"),
                List.of(),
                new ShardReading(concurrency, 5, Duration.ofMillis(200)));
        assertThat(catalog.size()).isEqualTo(FOLDERS);
        System.out.printf(
            "%d folders at once: %.2f s, %d requests%n",
            concurrency, (System.nanoTime() - start) / 1e9, distant.requests() - requests);
      }
    }
  }
}
