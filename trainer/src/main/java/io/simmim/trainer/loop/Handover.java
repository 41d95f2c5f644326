package io.simmim.trainer.loop;

import io.simmim.schemas.TensorChunk;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * What the task thread gives the training thread: a queue of micro-batches, and requests to capture
 * the state, which overtake them. So a checkpoint waits for the micro-batch that is being trained
 * and for no other.
 *
 * <p>Thread-safe.
 */
public final class Handover {
  /** One piece of work of the training thread. */
  sealed interface Work permits Train, Capture {}

  /** Train on a micro-batch. */
  record Train(List<TensorChunk> chunks) implements Work {}

  /** Capture the state for a checkpoint. */
  record Capture(long checkpointId) implements Work {}

  private final ArrayDeque<Train> microBatches = new ArrayDeque<>();
  private final ArrayDeque<Capture> captures = new ArrayDeque<>();
  private boolean closed;

  /** Task thread, which bounds the number of micro-batches that are not consumed yet. */
  public synchronized void add(List<TensorChunk> microBatch) {
    microBatches.add(new Train(microBatch));
    notifyAll();
  }

  /** Task thread: asks for the state as it is at the next boundary. */
  public synchronized void requestCapture(long checkpointId) {
    captures.add(new Capture(checkpointId));
    notifyAll();
  }

  /** Training thread: waits for work; empty once closed. */
  synchronized Optional<Work> take() throws InterruptedException {
    while (isEmpty()) {
      wait();
    }
    if (closed) {
      return Optional.empty();
    }
    return Optional.of(captures.isEmpty() ? microBatches.remove() : captures.remove());
  }

  /** Whether whoever takes now must wait. */
  synchronized boolean isEmpty() {
    return !closed && captures.isEmpty() && microBatches.isEmpty();
  }

  /** Any thread: lets the training thread end after what it does now. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
