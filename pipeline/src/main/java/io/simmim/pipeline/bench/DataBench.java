package io.simmim.pipeline.bench;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.StageTimes;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Measures the image path, decode to pack, on files that are in memory already: each thread runs
 * the whole set, so a thread per core shows how well cores add up.
 */
public final class DataBench {
  /** As many are read; more make a run longer, not better. */
  private static final int MOST_IMAGES = 1000;

  private static final int CHUNK_IMAGES = 16;
  private static final int REPETITIONS = 5;
  private static final Duration LEAST_WARM_UP = Duration.ofSeconds(8);
  private static final Duration MOST_WARM_UP = Duration.ofSeconds(60);

  /** Warming up ends when compiling takes less than this share of the time. */
  private static final double COMPILING = 0.02;

  /**
   * Median of the repetitions.
   *
   * @param images usable images of one repetition, all threads together
   * @param rejected images that could not be used
   * @param seconds wall-clock time
   * @param stages time in each stage, all threads together
   * @param threads threads that ran at once
   */
  public record Result(long images, long rejected, double seconds, StageTimes stages, int threads) {
    public double imagesPerSecondPerCore() {
      return images / seconds / threads;
    }
  }

  private final List<EncodedChunk> chunks;
  private final Supplier<ImagePath> path;

  /**
   * A benchmark of given images.
   *
   * @param path opens the image path of one thread
   */
  public DataBench(List<EncodedChunk> chunks, Supplier<ImagePath> path) {
    this.chunks = List.copyOf(chunks);
    this.path = path;
  }

  /**
   * Reads the images of a folder, at most {@value #MOST_IMAGES}.
   *
   * @throws UserError if none of them can be used
   */
  public static DataBench load(String folder, ImageConfig image, MaskConfig mask)
      throws IOException {
    Catalog catalog = CatalogLister.list(List.of(folder));
    int size = (int) Math.min(MOST_IMAGES, catalog.size());
    List<EncodedChunk> chunks = new ArrayList<>();
    try (ImageReader reader =
        new ImageReader(FetchConfig.defaults(), new CatalogRoots(catalog.roots()))) {
      for (int first = 0; first < size; first += CHUNK_IMAGES) {
        List<EncodedImage> images = new ArrayList<>();
        for (int id = first; id < Math.min(size, first + CHUNK_IMAGES); id++) {
          images.add(reader.read(catalog.ref(id)));
        }
        chunks.add(new EncodedChunk(chunks.size(), 0, first, images));
      }
    }
    DataBench bench = new DataBench(chunks, () -> new ImagePath(image, mask, 0));
    bench.requireImages();
    return bench;
  }

  /** Warms up, then runs some repetitions and takes the median one. */
  public Result run(int threads) throws InterruptedException {
    return run(threads, MOST_WARM_UP);
  }

  /**
   * The same with less patience.
   *
   * @param warmUp takes this long at most
   */
  public Result run(int threads, Duration warmUp) throws InterruptedException {
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    List<ImagePath> paths = new ArrayList<>();
    try {
      for (int i = 0; i < threads; i++) {
        paths.add(path.get());
      }
      warmUp(workers, paths, warmUp);
      Result[] results = new Result[REPETITIONS];
      for (int i = 0; i < REPETITIONS; i++) {
        results[i] = repetition(workers, paths);
      }
      Arrays.sort(results, Comparator.comparingDouble(Result::seconds));
      return results[REPETITIONS / 2];
    } finally {
      workers.shutdownNow();
      paths.forEach(ImagePath::close);
    }
  }

  private void requireImages() {
    Optional<RejectedImage> first = Optional.empty();
    try (ImagePath images = path.get()) {
      for (EncodedChunk chunk : chunks) {
        TensorChunk samples = images.apply(chunk);
        if (samples.size() > 0) {
          return;
        }
        first = first.or(() -> samples.rejected().stream().findFirst());
      }
    }
    throw new UserError(
        "no image can be used: "
            + first
                .map(it -> PrintableText.of(it.uri() + ": " + it.reason()))
                .orElse("there is none"));
  }

  /** Runs until the JVM has compiled what there is to compile: a job decodes for hours. */
  private void warmUp(ExecutorService workers, List<ImagePath> paths, Duration most)
      throws InterruptedException {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long start = System.nanoTime();
    double elapsed;
    double compiling;
    do {
      long before = compiler.getTotalCompilationTime();
      double seconds = 0;
      while (seconds < 2) {
        seconds += repetition(workers, paths).seconds();
      }
      compiling = (compiler.getTotalCompilationTime() - before) / 1e3 / seconds;
      elapsed = (System.nanoTime() - start) / 1e9;
    } while (elapsed < most.toSeconds()
        && (elapsed < LEAST_WARM_UP.toSeconds() || compiling > COMPILING));
  }

  private Result repetition(ExecutorService workers, List<ImagePath> paths)
      throws InterruptedException {
    List<Callable<Share>> tasks = new ArrayList<>();
    for (ImagePath path : paths) {
      tasks.add(() -> pass(path));
    }
    long begin = System.nanoTime();
    List<Future<Share>> shares = workers.invokeAll(tasks);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Share total = new Share(new StageTimes(0, 0, 0, 0), 0);
    for (Future<Share> share : shares) {
      try {
        total = total.plus(share.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("the image path failed", e.getCause());
      }
    }
    return new Result(total.stages.images(), total.rejected, seconds, total.stages, paths.size());
  }

  private Share pass(ImagePath path) {
    StageTimes before = path.stageTimes();
    long rejected = 0;
    for (EncodedChunk chunk : chunks) {
      rejected += path.apply(chunk).rejected().size();
    }
    return new Share(path.stageTimes().minus(before), rejected);
  }

  private record Share(StageTimes stages, long rejected) {
    Share plus(Share other) {
      return new Share(stages.plus(other.stages), rejected + other.rejected);
    }
  }
}
