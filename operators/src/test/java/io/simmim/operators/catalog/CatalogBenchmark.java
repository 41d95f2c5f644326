package io.simmim.operators.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Building, loading and using catalogs of generated listings. Prints what they take in memory; the
 * limit of the heap shows what building one takes: 150 MB per million at 10 million ({@code -p
 * images=1000000 -jvmArgs -Xmx150m} shows it at one).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgs = "-Xmx1500m")
public class CatalogBenchmark {
  private static final String PREFIX = "s3://training-images/imagenet-22k/train/";
  private static final int PER_SHARD = 1000;

  /** Images. */
  @Param({"1000000", "10000000"})
  private int images;

  /** Where they are. */
  @Param({"shards", "files"})
  private String kind;

  private Path file;

  @Setup
  public void prepare() throws IOException {
    file = Files.createTempFile("catalog", ".bin");
    Catalog catalog = build();
    catalog.write(file.toString());
    System.out.printf("%n%,d bytes in memory%n", catalog.memoryBytes());
  }

  @TearDown
  public void finish() throws IOException {
    Files.delete(file);
  }

  @Benchmark
  public Catalog build() throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    for (int i = 0; i < images; i++) {
      long number = 100_000_000_000L + i * 7919L;
      int category = 10_000_000 + i / 700;
      if (kind.equals("shards")) {
        builder.add(
            PREFIX + "imagenet22k-train-" + (100_000 + i / PER_SHARD) + ".tar",
            1536 + i % PER_SHARD * 151_552L,
            100_000 + i % 50_000,
            "n" + category + "_" + number + ".jpg",
            "");
      } else {
        builder.add(
            PREFIX + "n" + category + "/n" + category + "_" + number + ".JPEG",
            100_000 + i % 50_000);
      }
    }
    return builder.build(List.of(PREFIX));
  }

  @Benchmark
  public Catalog load() throws IOException {
    return Catalog.read(file.toString());
  }

  /** A million look-ups. */
  @Benchmark
  public long look(Loaded loaded) {
    Random random = new Random(1);
    long bytes = 0;
    for (int i = 0; i < 1_000_000; i++) {
      bytes += loaded.catalog.ref(random.nextInt(images)).length();
    }
    return bytes;
  }

  /** A catalog as a job holds it. */
  @State(Scope.Benchmark)
  public static class Loaded {
    private Catalog catalog;

    @Setup
    public void load(CatalogBenchmark benchmark) throws IOException {
      catalog = benchmark.load();
    }
  }
}
