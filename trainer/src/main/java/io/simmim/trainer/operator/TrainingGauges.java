package io.simmim.trainer.operator;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.timing.DataWait;
import io.simmim.trainer.torch.ProcessMemory;
import io.simmim.trainer.torch.TensorMemory;
import java.time.Duration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * The operator's Flink metrics: {@code step}, {@code epoch}, {@code loss}, {@code learningRate},
 * {@code gradientNorm}, {@code imagesPerSecond}, {@code dataWaitShare} and its parts {@code
 * fetchWaitShare}, {@code decodeWaitShare} and {@code networkWaitShare}, {@code imagesSeen} and
 * {@code rejectedImages} as of the last step, loss and norm as of the last one with an image, and
 * no numbers before the first; {@code rejectedOfAllowed}, the images that cannot be used over those
 * that may be by now, above 1 of which the run fails; {@code reorderedChunks}, the chunks that wait
 * for their turn; {@code checkpointCopyMillis}, how long the last checkpoint kept training waiting;
 * {@code exportMillis} of the last export; {@code failedExports}; {@code nativeTensors}, the
 * tensors that libtorch holds, and {@code nativeTensorBytes}, the bytes of parameters, moments,
 * gradients and copies of them, neither of which may grow from checkpoint to checkpoint; {@code
 * residentMemoryBytes} of the process.
 *
 * <p>Written by the task thread, read by reporters.
 */
final class TrainingGauges {
  private static final StepMetrics BEFORE_FIRST_STEP =
      new StepMetrics(0, 0, 0, 0, Double.NaN, Double.NaN, Double.NaN, 0, DataWait.NONE, 0, 0);

  private final Counter failedExports;
  private volatile StepMetrics last = BEFORE_FIRST_STEP;

  /** The last step with an image: without one its loss and its norm say nothing. */
  private volatile StepMetrics lastMeasured = BEFORE_FIRST_STEP;

  private volatile double rejectedOfAllowed;
  private volatile int reorderedChunks;
  private volatile Duration checkpointCopy = Duration.ZERO;
  private volatile Duration export = Duration.ZERO;

  TrainingGauges(MetricGroup group) {
    group.gauge("step", (Gauge<Long>) () -> last.step());
    group.gauge("epoch", (Gauge<Integer>) () -> last.epoch());
    group.gauge("loss", (Gauge<Double>) () -> lastMeasured.loss());
    group.gauge("learningRate", (Gauge<Double>) () -> last.learningRate());
    group.gauge("gradientNorm", (Gauge<Double>) () -> lastMeasured.gradientNorm());
    group.gauge("imagesPerSecond", (Gauge<Double>) () -> last.imagesPerSecond());
    group.gauge("dataWaitShare", (Gauge<Double>) () -> last.dataWaitShare());
    group.gauge("fetchWaitShare", (Gauge<Double>) () -> last.dataWait().fetching());
    group.gauge("decodeWaitShare", (Gauge<Double>) () -> last.dataWait().decoding());
    group.gauge("networkWaitShare", (Gauge<Double>) () -> last.dataWait().network());
    group.gauge("imagesSeen", (Gauge<Long>) () -> last.imagesSeen());
    group.gauge("rejectedImages", (Gauge<Long>) () -> last.rejectedImages());
    group.gauge("rejectedOfAllowed", (Gauge<Double>) () -> rejectedOfAllowed);
    group.gauge("reorderedChunks", (Gauge<Integer>) () -> reorderedChunks);
    group.gauge("checkpointCopyMillis", (Gauge<Long>) () -> checkpointCopy.toMillis());
    group.gauge("exportMillis", (Gauge<Long>) () -> export.toMillis());
    failedExports = group.counter("failedExports");
    group.gauge("nativeTensors", (Gauge<Integer>) TensorMemory::tensors);
    group.gauge("nativeTensorBytes", (Gauge<Long>) TensorMemory::heldBytes);
    group.gauge("residentMemoryBytes", (Gauge<Long>) ProcessMemory::residentBytes);
  }

  void step(StepMetrics metrics) {
    last = metrics;
    if (!metrics.isEmpty()) {
      lastMeasured = metrics;
    }
  }

  void rejectedOfAllowed(double share) {
    rejectedOfAllowed = share;
  }

  void reorderedChunks(int chunks) {
    reorderedChunks = chunks;
  }

  void checkpointCopy(Duration duration) {
    checkpointCopy = duration;
  }

  void export(Duration duration) {
    export = duration;
  }

  void exportFailed() {
    failedExports.inc();
  }
}
