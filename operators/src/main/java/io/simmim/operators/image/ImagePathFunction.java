package io.simmim.operators.image;

import io.simmim.operators.image.augment.Augmentation;
import io.simmim.operators.image.augment.PretrainingAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.timing.ChunkTimes;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The image path as a Flink operator: stateless, so it runs at any parallelism and chained to the
 * source. It tells of each chunk when it was done with it.
 *
 * <p>Metrics, in the operator's group {@code images}: counters {@code decodedByBaseline}, {@code
 * decodedByPng}, {@code decodedByCmyk}, {@code decodedByOpenCv}, {@code decodedByTwelveMonkeys},
 * {@code rejected}; gauges {@code decodeMicrosPerImage}, {@code resizeMicrosPerImage} and {@code
 * maskMicrosPerImage}, means since the task started.
 */
public final class ImagePathFunction extends RichMapFunction<EncodedChunk, TensorChunk> {
  private final ImageConfig limits;
  private final Augmentation augmentation;
  private final MaskStrategy mask;
  private final long seed;
  private final Beside beside;
  private transient ImagePath path;

  /** Gauges are read by other threads; this is replaced after each chunk. */
  private transient volatile StageTimes times;

  private transient DecodeCounters counters;

  /** What may run on the same machine as this. */
  public enum Beside {
    /** A trainer, whose threads wait for each other: this one then yields to them. */
    TRAINER,
    /** Nothing that matters more. */
    NOTHING
  }

  /** Reads the mask file, if there is one, here: in the client. */
  public ImagePathFunction(ImageConfig image, MaskConfig mask, long seed, Beside beside) {
    this(image, new PretrainingAugmentation(image), mask.strategyFor(image.size()), seed, beside);
  }

  /**
   * Any path.
   *
   * @param limits of what is decoded at all
   */
  public ImagePathFunction(
      ImageConfig limits, Augmentation augmentation, MaskStrategy mask, long seed, Beside beside) {
    this.limits = limits;
    this.augmentation = augmentation;
    this.mask = mask;
    this.seed = seed;
    this.beside = beside;
  }

  @Override
  public void open(OpenContext context) {
    if (beside == Beside.TRAINER) {
      ThreadPriority.yieldToOthers();
    }
    try {
      path = new ImagePath(limits, augmentation, mask, seed);
    } catch (LinkageError e) {
      throw new SuppressRestartsException(
          new UserError("OpenCV's native library cannot be loaded on this machine: " + e, e));
    }
    MetricGroup group = getRuntimeContext().getMetricGroup().addGroup("images");
    counters = new DecodeCounters(group);
    times = path.stageTimes();
    meanMicros(group, "decodeMicrosPerImage", StageTimes::decodeNanos);
    meanMicros(group, "resizeMicrosPerImage", StageTimes::resizeNanos);
    meanMicros(group, "maskMicrosPerImage", StageTimes::maskNanos);
  }

  private void meanMicros(MetricGroup group, String name, ToLongFunction<StageTimes> stage) {
    Gauge<Double> gauge =
        () -> {
          StageTimes now = times;
          return now.images() == 0 ? 0.0 : stage.applyAsLong(now) / 1e3 / now.images();
        };
    group.gauge(name, gauge);
  }

  @Override
  public TensorChunk map(EncodedChunk chunk) {
    TensorChunk result = path.apply(chunk);
    times = path.stageTimes();
    counters.update(path.counts());
    return result.at(new ChunkTimes(chunk.fetchedMicros(), ChunkTimes.nowMicros()));
  }

  @Override
  public void close() {
    if (path != null) {
      path.close();
      path = null;
    }
  }
}
