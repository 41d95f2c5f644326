package io.simmim.trainer.operator;

import io.simmim.trainer.StateSnapshot;
import io.simmim.trainer.operator.TrainingEvent.ExportEnded;
import io.simmim.trainer.operator.TrainingEvent.ExportStarted;
import io.simmim.trainer.operator.TrainingEvent.ModelExport;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Writes exported models on a thread of its own, one after the other, while training goes on.
 *
 * <p>{@link #start}, {@link #awaitIdle} and {@link #latest} belong to the training thread, {@link
 * #close} to the task thread after the training thread has ended.
 */
final class ModelExporter implements AutoCloseable {
  private final ModelWriter writer;
  private final int retained;
  private final Consumer<TrainingEvent> events;
  private Thread thread;
  private CompletableFuture<Void> latest = CompletableFuture.completedFuture(null);

  /**
   * @param retained models between epochs that are kept; 0 = all
   * @param events told of beginning and end of each export; must be thread-safe and never block
   */
  ModelExporter(ModelWriter writer, int retained, Consumer<TrainingEvent> events) {
    this.writer = writer;
    this.retained = retained;
    this.events = events;
  }

  /** Begins to write; closes the snapshot when done. */
  void start(ModelExport export, StateSnapshot snapshot) {
    events.accept(new ExportStarted(export));
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
      writer.write(export.folder(), snapshot);
      if (!export.isFinal() && retained > 0) {
        OldExports.delete(export.folder(), retained);
      }
    } catch (Throwable e) { // an OutOfMemoryError must not leave the task waiting
      failure = Optional.of(e);
    }
    events.accept(new ExportEnded(export, System.nanoTime() - start, failure));
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

  /** Stops the export under way, if any, and waits for its end. */
  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
      Threads.joinUninterruptibly(thread);
    }
  }
}
