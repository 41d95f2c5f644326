package io.simmim.pipeline.estimate;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.ThreadPriority;
import io.simmim.pipeline.evaluate.Workers;
import io.simmim.pipeline.run.SamplePath;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that decode the same chunks again and again, as far ahead as there is room. Closing ends
 * them.
 */
final class Decoders implements AutoCloseable {
  private final ExecutorService workers;
  private final BlockingQueue<TensorChunk> ready;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /**
   * Begins to decode.
   *
   * @param ahead chunks that may wait to be taken
   */
  Decoders(List<EncodedChunk> chunks, SamplePath path, int threads, int ahead) {
    workers = Executors.newFixedThreadPool(threads);
    ready = new ArrayBlockingQueue<>(ahead);
    for (int i = 0; i < threads; i++) {
      int first = i * chunks.size() / threads;
      workers.execute(() -> decode(chunks, path, first));
    }
  }

  private void decode(List<EncodedChunk> chunks, SamplePath path, int first) {
    ThreadPriority.yieldToOthers(); // as the decoders of a run do
    try (ImagePath samples = path.open()) {
      for (int i = first; !Thread.currentThread().isInterrupted(); i++) {
        ready.put(samples.apply(chunks.get(i % chunks.size())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) { // an OutOfMemoryError must end the wait for chunks too
      failure.compareAndSet(null, e);
    }
  }

  /** The next chunk; waits for it. */
  TensorChunk take() throws InterruptedException {
    TensorChunk chunk = null;
    while (chunk == null) {
      if (failure.get() != null) {
        throw new IllegalStateException("the image path failed", failure.get());
      }
      chunk = ready.poll(1, TimeUnit.SECONDS);
    }
    return chunk;
  }

  @Override
  public void close() {
    Workers.end(workers);
  }
}
