package io.simmim.trainer.operator;

import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model of two parameters with momentum, quick to train, whose result depends on all pixels,
 * their order and the number of each micro-batch. A {@link Control} makes it slow or broken.
 */
final class FakeLearner implements Learner {
  /** What a test sees of the models of its run, and does to them. */
  static final class Control {
    final AtomicInteger openSnapshots = new AtomicInteger();
    final AtomicInteger openModels = new AtomicInteger();
    final AtomicInteger accumulated = new AtomicInteger();
    final AtomicInteger unreadLosses = new AtomicInteger();
    final Semaphore permits = new Semaphore(Integer.MAX_VALUE);
    volatile RuntimeException accumulateFailure;
    volatile RuntimeException snapshotFailure;
    volatile IOException readFailure;
    volatile double lossFactor = 1;
    volatile TrainingPlatform platform = new TrainingPlatform("2.7.1", "cpu", "AVX2", 4);

    Factory models() {
      return (config, initial) -> new FakeLearner(this, initial);
    }
  }

  private static final List<String> NAMES = List.of("param/", "exp_avg/", "exp_avg_sq/", "grad/");
  private static final int SIZE = 2;

  private final Control control;
  private final List<Double> losses = new ArrayList<>();

  /** In the order of {@link #NAMES}. */
  private final float[][] values = {{1, 2}, {0, 0}, {0, 0}, {0, 0}};

  private FakeLearner(Control control, InitialState initial) throws IOException {
    this.control = control;
    if (initial instanceof InitialState.Saved saved) {
      read(saved.state());
    }
    control.openModels.incrementAndGet();
  }

  @Override
  public void accumulate(MicroBatch batch, long microBatch, double weight) {
    control.accumulated.incrementAndGet();
    control.permits.acquireUninterruptibly();
    if (control.accumulateFailure != null) {
      throw control.accumulateFailure;
    }
    float sum = microBatch;
    ByteBuffer pixels =
        ByteBuffer.allocate(batch.images() * 3 * batch.imageSize() * batch.imageSize());
    batch.copyPixels(pixels);
    for (byte pixel : pixels.array()) {
      sum = sum * 0.999f + pixel;
    }
    values[3][0] += (float) weight * (sum * 1e-3f + values[0][1]);
    values[3][1] += (float) weight * (sum * 2e-3f - values[0][0]);
    losses.add(control.lossFactor * Math.abs(sum));
    control.unreadLosses.incrementAndGet();
  }

  @Override
  public double[] losses() {
    double[] read = losses.stream().mapToDouble(Double::doubleValue).toArray();
    control.unreadLosses.addAndGet(-read.length);
    losses.clear();
    return read;
  }

  @Override
  public double update(ScaledRates rates) {
    double learningRate = rates.of(1);
    for (int i = 0; i < SIZE; i++) {
      values[1][i] = 0.9f * values[1][i] + values[3][i];
      values[2][i] = 0.9f * values[2][i] + values[3][i] * values[3][i];
      values[0][i] -= (float) learningRate * values[1][i];
    }
    double norm = Math.hypot(values[3][0], values[3][1]);
    values[3] = new float[SIZE];
    return norm;
  }

  @Override
  public Map<String, ValueHistogram> histograms(TensorKind kind) {
    throw new UnsupportedOperationException("only real models have histograms");
  }

  @Override
  public StateSnapshot snapshot(Gradients gradients) {
    if (control.snapshotFailure != null) {
      throw control.snapshotFailure;
    }
    control.openSnapshots.incrementAndGet();
    List<TensorSpec> tensors = new ArrayList<>();
    List<ByteBuffer> copies = new ArrayList<>();
    for (int i = 0; i < (gradients == Gradients.KEEP ? 4 : 3); i++) {
      tensors.add(new TensorSpec(NAMES.get(i) + "w", List.of(2L)));
      ByteBuffer copy = ByteBuffer.allocate(2 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      copies.add(copy.putFloat(values[i][0]).putFloat(values[i][1]).flip());
    }
    return new HeapSnapshot(tensors, copies);
  }

  private void read(StateReader source) throws IOException {
    List<TensorSpec> tensors = source.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      String name = tensors.get(i).name();
      int row = NAMES.indexOf(name.substring(0, name.indexOf('/') + 1));
      ByteBuffer bytes = ByteBuffer.allocate(2 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      source.read(i, 0, bytes);
      values[row] = new float[] {bytes.getFloat(0), bytes.getFloat(4)};
    }
  }

  @Override
  public TrainingPlatform platform() {
    return control.platform;
  }

  @Override
  public void close() {
    control.openModels.decrementAndGet();
  }

  private final class HeapSnapshot implements StateSnapshot {
    private final List<TensorSpec> tensors;
    private final List<ByteBuffer> copies;
    private boolean closed;

    HeapSnapshot(List<TensorSpec> tensors, List<ByteBuffer> copies) {
      this.tensors = tensors;
      this.copies = copies;
    }

    @Override
    public List<TensorSpec> tensors() {
      return tensors;
    }

    @Override
    public synchronized void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
      if (closed) {
        throw new IllegalStateException("the snapshot is closed");
      }
      if (control.readFailure != null) {
        throw control.readFailure;
      }
      ByteBuffer copy = copies.get(tensor).duplicate();
      into.put(copy.slice((int) byteOffset, into.remaining()));
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        control.openSnapshots.decrementAndGet();
      }
    }
  }
}
