package io.simmim.operators.arrival;

import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Taking in, restoring and using images of S3 events with ETags. Prints the bytes of the log; the
 * limit of the heap shows what all of it takes: 150 MB per million images.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(value = 1, jvmArgs = "-Xmx150m")
public class ArrivalSequenceBenchmark {
  private static final String PREFIX = "s3://training-images/imagenet-22k/train/";
  private static final ArrivalLogHeader HEADER = new ArrivalLogHeader(7, 0.5, 16, 8);

  /** Images. */
  @Param("1000000")
  private int images;

  private Path folder;
  private ArrivalLogReference stored;

  @Setup
  public void store() throws IOException {
    folder = Files.createTempDirectory("arrivals");
    ArrivalSequence sequence = takeIn();
    System.out.printf("%n%,d bytes of log in memory%n", sequence.log().memoryBytes());
    stored =
        ArrivalLogFiles.begin(
                new org.apache.flink.core.fs.Path(folder.toUri().toString()), sequence.log())
            .write(1);
  }

  @TearDown
  public void delete() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Benchmark
  public ArrivalSequence takeIn() {
    ArrivalSequence sequence = new ArrivalSequence(ArrivalLog.begin(HEADER));
    Random random = new Random(1);
    for (int i = 0; i < images; i++) {
      int category = 10_000_000 + i / 700;
      String uri =
          PREFIX + "n" + category + "/n" + category + "_" + (100_000_000_000L + i) + ".JPEG";
      String version = "e:%016x%016x".formatted(random.nextLong(), random.nextLong());
      sequence.accept(
          ArrivedObject.plain(
              new Arrival(
                  Kind.CREATED,
                  uri,
                  100_000 + i % 50_000,
                  version,
                  1_700_000_000_000L + 20L * i,
                  "images/%d@%d".formatted(i % 8, i / 8))));
    }
    return sequence;
  }

  @Benchmark
  public ArrivalSequence restore() throws IOException {
    return new ArrivalSequence(ArrivalLogFiles.read(stored));
  }

  /** Half a million images in chunks, half of them replayed. */
  @Benchmark
  public long plan(Restored restored) {
    long bytes = 0;
    for (long chunk = 0; chunk < images / 32; chunk++) {
      restored.sequence.ready(chunk, WhenIdle.WAIT);
      bytes += List.copyOf(restored.sequence.images(chunk)).get(0).length();
    }
    return bytes;
  }

  /** A sequence as a job holds it. */
  @State(Scope.Benchmark)
  public static class Restored {
    private ArrivalSequence sequence;

    @Setup(Level.Iteration)
    public void restore(ArrivalSequenceBenchmark benchmark) throws IOException {
      sequence = benchmark.restore();
    }
  }
}
