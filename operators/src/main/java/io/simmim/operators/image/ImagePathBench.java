package io.simmim.operators.image;

import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures the image path on files that are already in memory, stage by stage: warm-up, then
 * several rounds over all files, of which the median counts.
 */
public final class ImagePathBench {
  private static final int CHUNK_IMAGES = 8;

  private final List<EncodedImage> files;
  private final ImageConfig image;
  private final MaskConfig mask;

  /**
   * @param files at least one
   */
  public ImagePathBench(List<EncodedImage> files, ImageConfig image, MaskConfig mask) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("there are no images to measure with");
    }
    this.files = List.copyOf(files);
    this.image = image;
    this.mask = mask;
  }

  /**
   * One round over all files.
   *
   * @param threads that worked at the same time, each over all files
   * @param imagesPerSecondPerCore wall-clock rate of one thread
   * @param times of all threads together
   * @param counts of all threads together
   */
  public record Result(
      int threads, double imagesPerSecondPerCore, StageTimes times, ImageCounts counts) {}

  /**
   * Runs the benchmark.
   *
   * @param threads at least 1
   * @param warmUp at least one round is run, until this time has passed
   * @param rounds how many are measured, at least 1
   * @return the round of median rate
   */
  public Result run(int threads, Duration warmUp, int rounds) throws InterruptedException {
    List<ImagePath> paths = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int i = 0; i < threads; i++) {
        paths.add(new ImagePath(image, mask, i));
      }
      long end = System.nanoTime() + warmUp.toNanos();
      int epoch = 0;
      do {
        round(pool, paths, epoch++);
      } while (System.nanoTime() < end);
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < rounds; i++) {
        results.add(round(pool, paths, epoch++));
      }
      results.sort(Comparator.comparingDouble(Result::imagesPerSecondPerCore));
      return results.get(results.size() / 2);
    } finally {
      pool.shutdown();
      paths.forEach(ImagePath::close);
    }
  }

  private Result round(ExecutorService pool, List<ImagePath> paths, int epoch)
      throws InterruptedException {
    List<Callable<Result>> tasks = new ArrayList<>();
    for (ImagePath path : paths) {
      tasks.add(() -> pass(path, epoch));
    }
    long start = System.nanoTime();
    List<Future<Result>> futures = pool.invokeAll(tasks);
    double seconds = (System.nanoTime() - start) / 1e9;
    StageTimes times = new StageTimes(0, 0, 0, 0);
    ImageCounts counts = new ImageCounts(0, 0, 0, 0);
    for (Future<Result> future : futures) {
      Result result = join(future);
      times = times.plus(result.times);
      counts = counts.plus(result.counts);
    }
    return new Result(paths.size(), files.size() / seconds, times, counts);
  }

  private static Result join(Future<Result> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the image path failed: " + e.getCause(), e.getCause());
    }
  }

  private Result pass(ImagePath path, int epoch) {
    StageTimes timesBefore = path.stageTimes();
    ImageCounts countsBefore = path.counts();
    for (int i = 0; i < files.size(); i += CHUNK_IMAGES) {
      int end = Math.min(files.size(), i + CHUNK_IMAGES);
      path.apply(new EncodedChunk(i / CHUNK_IMAGES, epoch, i, files.subList(i, end)));
    }
    return new Result(
        1, 0, path.stageTimes().minus(timesBefore), path.counts().minus(countsBefore));
  }
}
