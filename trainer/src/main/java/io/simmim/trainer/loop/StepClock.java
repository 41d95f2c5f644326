package io.simmim.trainer.loop;

import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.timing.ChunkTimes;
import io.simmim.schemas.timing.DataWait;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures a step, and what of it the training thread waited for. Belongs to that thread.
 *
 * <p>How long it waited tells a clock that never jumps. What for follows from when the images were
 * ready, by the clocks of other machines: they only divide the time, and times outside of the wait
 * count as its beginning or its end. Chunks that were ready before a checkpoint, and come from it,
 * are only handed over, whatever their times are, or if they have none.
 */
final class StepClock {
  private final LongSupplier nanoTime;
  private final LongSupplier wallMicros;
  private long start;
  private long waitStart;

  /** Since the last micro-batch, which the thread may have waited for several times. */
  private long waited;

  private long waitedFromMicros;
  private long waitedToMicros;

  /** In this step, in nanoseconds. */
  private double fetching;

  private double decoding;
  private double network;

  StepClock() {
    this(System::nanoTime, ChunkTimes::nowMicros);
  }

  /**
   * @param nanoTime never goes back, as {@link System#nanoTime}
   * @param wallMicros as {@link ChunkTimes#nowMicros}
   */
  StepClock(LongSupplier nanoTime, LongSupplier wallMicros) {
    this.nanoTime = nanoTime;
    this.wallMicros = wallMicros;
    this.start = nanoTime.getAsLong();
  }

  void beginWait() {
    if (waited == 0) {
      waitedFromMicros = wallMicros.getAsLong();
    }
    waitStart = nanoTime.getAsLong();
  }

  void endWait() {
    waited += nanoTime.getAsLong() - waitStart;
    waitedToMicros = wallMicros.getAsLong();
  }

  /** What was waited for is there. */
  void arrived(List<TensorChunk> microBatch) {
    ChunkTimes ready =
        microBatch.stream()
            .map(TensorChunk::times)
            .reduce(ChunkTimes::latest)
            .orElse(ChunkTimes.UNKNOWN);
    double untilFetched = waitedUntil(ready.fetchedMicros());
    double untilDecoded = Math.max(untilFetched, waitedUntil(ready.decodedMicros()));
    fetching += untilFetched;
    decoding += untilDecoded - untilFetched;
    network += waited - untilDecoded;
    waited = 0;
  }

  /** Nanoseconds of the wait before a time. */
  private double waitedUntil(long micros) {
    long passed = Math.min(micros, waitedToMicros) - waitedFromMicros;
    return passed <= 0 ? 0 : (double) waited * passed / (waitedToMicros - waitedFromMicros);
  }

  double seconds() {
    return Math.max(1, nanoTime.getAsLong() - start) * 1e-9;
  }

  DataWait dataWait() {
    double all = Math.max(seconds() * 1e9, fetching + decoding + network);
    return new DataWait(fetching / all, decoding / all, network / all);
  }

  void beginStep() {
    start = nanoTime.getAsLong();
    fetching = 0;
    decoding = 0;
    network = 0;
  }
}
