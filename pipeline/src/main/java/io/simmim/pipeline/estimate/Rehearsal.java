package io.simmim.pipeline.estimate;

import io.simmim.operators.image.ImagePath;
import io.simmim.pipeline.bench.DataBench;
import io.simmim.pipeline.bench.GpuSampler;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.torch.TensorMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs what takes the time of a run, on a sample of its images that is in memory: decoding alone,
 * training alone, and both at once as a run in one process does, where decoders and libtorch's
 * threads share the cores.
 */
final class Rehearsal {
  /** Micro-batches that a trainer has waiting. */
  private static final int BATCHES_AHEAD = 2;

  private final SimmimConfig config;
  private final SampledImages sample;
  private final SamplePath path;
  private final List<EncodedChunk> chunks;

  Rehearsal(SimmimConfig config, SampledImages sample) {
    this.config = config;
    this.sample = sample;
    this.path = SamplePath.of(config);
    this.chunks = sample.chunks(config.chunkImages());
  }

  /**
   * Images that one core decodes in a second.
   *
   * @param limitSeconds of the warm-up
   * @throws UserError if none can be decoded
   */
  double decodedPerCore(double limitSeconds) throws InterruptedException {
    Duration warmUp = Duration.ofMillis((long) (limitSeconds * 1e3));
    DataBench.Result result = new DataBench(chunks, path::open).run(1, warmUp);
    if (result.images() == 0) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "none of %,d images looked at can be decoded; the first: %s",
              sample.images().size(),
              sample.images().get(0).ref().name()));
    }
    return result.imagesPerSecondPerCore();
  }

  /**
   * Measures.
   *
   * @param decodedPerCore as {@link #decodedPerCore} said
   * @param limitSeconds of each of two measurements, which take a few passes at least
   */
  Pace measure(double decodedPerCore, double limitSeconds) throws InterruptedException {
    String device = config.training().device();
    try (GpuSampler sampler = GpuSampler.ofDevice(device)) {
      return measure(decodedPerCore, limitSeconds, sampler);
    } finally {
      TensorMemory.releaseCache(device);
    }
  }

  private Pace measure(double decodedPerCore, double limitSeconds, GpuSampler sampler)
      throws InterruptedException {
    int globalBatch = config.training().microBatch() * config.training().accumulation();
    int microBatchChunks = config.training().microBatch() / config.chunkImages();
    int decoders =
        config.parallelism() > 0
            ? config.parallelism()
            : Runtime.getRuntime().availableProcessors();
    // Which colours a target tells apart makes no difference to the time of a step.
    boolean clusters = config.target().type() == TargetType.CLUSTERS;
    ClusterColors colors =
        new ClusterColors(new float[clusters ? 3 * config.target().clusters() : 0]);
    try (TimedSteps steps = new TimedSteps(config.trainer(colors), limitSeconds)) {
      Iterator<TensorChunk> decoded = decoded(microBatchChunks);
      int batch = steps.chunksWithinLimit(decoded::next, microBatchChunks);
      TimedSteps.Times alone = steps.measure(decoded::next, batch);
      TimedSteps.Times both;
      int ahead = BATCHES_AHEAD * batch + decoders;
      try (Decoders running = new Decoders(chunks, path, decoders, ahead)) {
        both = steps.measure(running::take, batch);
      }
      double together = both.imagesPerSecond(globalBatch);
      return new Pace(
          decodedPerCore,
          // Decoders beside it make no trainer faster: something else took the cores meanwhile.
          Math.max(alone.imagesPerSecond(globalBatch), together),
          together,
          decoders,
          batch * config.chunkImages(),
          sampler.memoryMib());
    }
  }

  /** So many chunks, or more until one of them has an image, again and again. */
  private Iterator<TensorChunk> decoded(int count) {
    List<TensorChunk> decoded = new ArrayList<>();
    try (ImagePath samples = path.open()) {
      for (int i = 0; i < Math.min(count, chunks.size()); i++) {
        decoded.add(samples.apply(chunks.get(i)));
      }
      for (int i = decoded.size(); i < chunks.size() && isEmpty(decoded); i++) {
        decoded.add(samples.apply(chunks.get(i)));
      }
    }
    return Stream.generate(() -> decoded).flatMap(List::stream).iterator();
  }

  private static boolean isEmpty(List<TensorChunk> decoded) {
    return decoded.stream().allMatch(chunk -> chunk.size() == 0);
  }
}
