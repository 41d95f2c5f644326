package io.simmim.operators.catalog;

import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.TestShard;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Indexing 40 local shards of 1000 images of 110 KB each, with a label beside each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class ShardIndexBenchmark {
  private static final int SHARDS = 40;
  private static final int IMAGES = 1000;
  private static final int IMAGE_BYTES = 110_000;

  private Path folder;

  /** The images are holes in the files: their bytes are not read. */
  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("shards");
    for (int shard = 0; shard < SHARDS; shard++) {
      try (RandomAccessFile out = new RandomAccessFile(file(shard).toFile(), "rw")) {
        for (int image = 0; image < IMAGES; image++) {
          out.write(header(image + ".jpg", IMAGE_BYTES));
          out.seek((out.getFilePointer() + IMAGE_BYTES + 511) / 512 * 512);
          out.write(header(image + ".cls", 1));
          out.write(new byte[512]);
        }
        out.write(new byte[1024]);
      }
    }
  }

  private Path file(int shard) {
    return folder.resolve(shard + ".tar");
  }

  private static byte[] header(String name, int size) {
    return TestShard.rawHeader(name, String.format(Locale.ROOT, "%011o\0", size), '0');
  }

  @TearDown
  public void delete() throws IOException {
    for (int shard = 0; shard < SHARDS; shard++) {
      Files.delete(file(shard));
    }
    Files.delete(folder);
  }

  @Benchmark
  public Catalog index() {
    return CatalogLister.list(List.of(folder.toString()));
  }
}
