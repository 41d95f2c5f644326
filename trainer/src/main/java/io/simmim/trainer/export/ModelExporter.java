package io.simmim.trainer.export;

import io.simmim.schemas.thread.Threads;
import io.simmim.trainer.state.StateSnapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Writes exported models on a thread of its own, one after the other, while training goes on.
 *
 * <p>{@link #start}, {@link #awaitIdle}, {@link #latest} and {@link #takeBestFailed} belong to the
 * training thread, {@link #close} to the task thread after the training thread has ended.
 */
public final class ModelExporter implements AutoCloseable {
  /** Who wants to know of exports. */
  public interface Owner {
    /** One is going to be written. */
    void started(ModelExport export);

    /** One is written, or not. */
    void ended(ModelExport export, Duration duration, Optional<Throwable> failure);
  }

  private final ModelWriter writer;
  private final int retained;
  private final Owner owner;
  private Thread thread;
  private CompletableFuture<Void> latest = CompletableFuture.completedFuture(null);
  private volatile boolean bestFailed;

  /**
   * @param retained models between epochs that are kept; 0 = all
   * @param owner must be thread-safe and never block
   */
  public ModelExporter(ModelWriter writer, int retained, Owner owner) {
    this.writer = writer;
    this.retained = retained;
    this.owner = owner;
  }

  /** Begins to write; closes the snapshot when done. */
  void start(ModelExport export, StateSnapshot snapshot) {
    owner.started(export);
    CompletableFuture<Void> done = new CompletableFuture<>();
    latest = done;
    thread =
        new Thread(
            () -> {
              try (snapshot) {
                write(export, snapshot);
              } finally {
                done.complete(null);
              }
            },
            "simmim-export");
    thread.setDaemon(true);
    thread.start();
  }

  private void write(ModelExport export, StateSnapshot snapshot) {
    long start = System.nanoTime();
    Optional<Throwable> failure = Optional.empty();
    try {
      if (export.copy().isPresent()) {
        new ModelCopies(export.folder().getParent()).requireRoom(export.copy().get().step());
      }
      writer.write(export.folder(), snapshot, export.accuracy());
      if (export.moment() == ModelExport.Moment.BETWEEN_EPOCHS && retained > 0) {
        OldExports.delete(export.folder(), retained);
      }
    } catch (Throwable e) { // an OutOfMemoryError must not leave the task waiting
      failure = Optional.of(e);
      bestFailed |= export.moment() == ModelExport.Moment.BEST;
    }
    owner.ended(export, Duration.ofNanos(System.nanoTime() - start), failure);
  }

  /** Waits until nothing is being written. */
  void awaitIdle() throws InterruptedException {
    try {
      latest.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an export's end is never a failure", e);
    }
  }

  /** Completes, never exceptionally, when the export that began last is written or has failed. */
  Future<?> latest() {
    return latest;
  }

  /** Whether a best model could not be written since this was asked last. */
  boolean takeBestFailed() {
    boolean failed = bestFailed;
    bestFailed = false;
    return failed;
  }

  /** Stops the export under way, if any, and waits for its end. */
  @Override
  public void close() {
    if (thread != null) {
      Threads.end(thread);
    }
  }
}
