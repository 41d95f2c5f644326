package io.simmim.operators.source.reader;

import io.simmim.operators.source.fetch.AttemptTimer;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.LargeImages;
import io.simmim.operators.source.fetch.ObjectReader;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the images of several chunks at once with a fixed number of daemon threads: objects, and
 * runs of neighbours in shards. In which order, and how many bytes they may take, says {@link
 * ChunkQueue}.
 *
 * <p>Called by the task thread; {@link #available} completes on any thread.
 */
final class ChunkFetcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkFetcher.class);
  private static final Duration LONGEST_JOIN = Duration.ofSeconds(10);

  private final ObjectReader objects;
  private final AttemptTimer timer;
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition workAdded = lock.newCondition();
  private final Condition arrived = lock.newCondition();
  private final ChunkQueue queue;
  private final LargeImages largeImages;
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private Throwable failure;
  private boolean noMore;

  ChunkFetcher(FetchConfig config, StorageProbe probe, FetchMetrics metrics, String threadName) {
    this.queue = new ChunkQueue(config);
    this.largeImages = LargeImages.shared(config.maxObjectBytes());
    this.timer = new AttemptTimer(config.timeout(), threadName + "-timer", this::fail);
    this.objects = new ObjectReader(config, probe, timer, metrics, closed);
    for (int i = 0; i < config.concurrency(); i++) {
      Thread thread = new Thread(this::work, threadName + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    threads.add(timer.thread());
  }

  /** Adds chunks to fetch. */
  void add(List<ChunkSplit> splits) {
    boolean ready;
    lock.lock();
    try {
      splits.forEach(queue::add);
      workAdded.signalAll();
      ready = queue.isHeadReady();
    } finally {
      lock.unlock();
    }
    if (ready) {
      wakeUp();
    }
  }

  /** Says that nothing will be added any more. */
  void noMoreChunks() {
    lock.lock();
    try {
      noMore = true;
    } finally {
      lock.unlock();
    }
    wakeUp();
  }

  /** Completes the future that {@link #available} gave out last, whatever there is to poll. */
  void wakeUp() {
    CompletableFuture<Void> toComplete;
    lock.lock();
    try {
      toComplete = available;
    } finally {
      lock.unlock();
    }
    toComplete.complete(null);
  }

  /**
   * Removes and returns the lowest chunk if it is ready, otherwise null. Of the one before nothing
   * more will be asked for.
   *
   * @throws IOException if storage is away; then nothing more will be fetched
   */
  EncodedChunk poll() throws IOException {
    endTurn();
    lock.lock();
    try {
      throwIfFailed();
      if (!queue.isHeadReady()) {
        return null;
      }
      PendingChunk chunk = queue.poll();
      workAdded.signalAll();
      return new EncodedChunk(
          chunk.split().chunk(),
          chunk.split().epoch(),
          chunk.split().firstPosition(),
          chunk.isInTurn() ? new HandedOver(this, chunk) : chunk.images(),
          chunk.fetchedMicros());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next image of the chunk whose images are handed over, and gives up those before.
   *
   * @throws IOException if storage is away
   */
  void await(PendingChunk chunk, int place) throws IOException, InterruptedException {
    giveBack(() -> queue.giveUpBefore(chunk, place));
    long lacking;
    lock.lockInterruptibly();
    try {
      lacking = queue.lacking(place);
    } finally {
      lock.unlock();
    }
    if (lacking > 0) {
      largeImages.take(lacking);
    }
    lock.lock(); // Whatever interrupts: room that was taken is noted, or nobody gives it back.
    try {
      if (lacking > 0) {
        queue.startBeside();
        workAdded.signalAll();
      }
      while (chunk.image(place) == null) {
        throwIfFailed();
        arrived.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives up what is left of the chunk whose images are handed over. */
  void endTurn() {
    giveBack(queue::endTurn);
  }

  private void giveBack(LongSupplier givingUp) {
    long wereBeside;
    lock.lock();
    try {
      wereBeside = givingUp.getAsLong();
      workAdded.signalAll();
    } finally {
      lock.unlock();
    }
    if (wereBeside > 0) {
      largeImages.giveBack(wereBeside);
    }
  }

  /** Completes when {@link #poll} has something to return or throw, or all is done. */
  CompletableFuture<Void> available() {
    lock.lock();
    try {
      if (ready()) {
        return CompletableFuture.completedFuture(null);
      }
      if (available.isDone()) {
        available = new CompletableFuture<>();
      }
      return available;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #poll} would return a chunk or throw, or all is done. */
  boolean ready() {
    lock.lock();
    try {
      return queue.isHeadReady() || failure != null || (noMore && queue.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Whether every chunk was polled and no more will come. */
  boolean done() {
    lock.lock();
    try {
      return noMore && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether chunks were added that were not polled yet. */
  boolean isBusy() {
    lock.lock();
    try {
      return !queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Number of chunks not polled yet. */
  int held() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** The chunks not polled yet, ascending. */
  List<ChunkSplit> unfinished() {
    lock.lock();
    try {
      return queue.unfinished();
    } finally {
      lock.unlock();
    }
  }

  long bytesHeld() {
    lock.lock();
    try {
      return queue.bytesHeld();
    } finally {
      lock.unlock();
    }
  }

  private void throwIfFailed() throws IOException {
    if (failure instanceof IOException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (failure != null) {
      ExceptionUtils.rethrowIfFatalErrorOrOOM(failure);
      throw new IllegalStateException("a fetching thread failed", failure);
    }
  }

  private void work() {
    try {
      for (ChunkQueue.Fetch fetch = take(); fetch != null; fetch = take()) {
        finish(fetch, objects.read(fetch.run()));
      }
    } catch (InterruptedException e) {
      // Only close() interrupts between attempts.
      LOG.debug("{} ends", Thread.currentThread().getName());
    } catch (Throwable t) {
      fail(t);
    }
  }

  /** Waits for a run that may be started; null when nothing more is to be done. */
  private ChunkQueue.Fetch take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (closed.getCount() > 0 && failure == null) {
        ChunkQueue.Fetch fetch = queue.start();
        if (fetch != null) {
          return fetch;
        }
        workAdded.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void finish(ChunkQueue.Fetch fetch, List<EncodedImage> images) {
    boolean ready;
    lock.lock();
    try {
      queue.finish(fetch, images);
      arrived.signalAll();
      ready = queue.isHeadReady();
    } finally {
      lock.unlock();
    }
    if (ready) {
      wakeUp();
    }
  }

  private void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      workAdded.signalAll();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    wakeUp();
  }

  /** Interrupts the threads and waits for them to end. */
  @Override
  public void close() {
    closed.countDown();
    endTurn();
    timer.close();
    threads.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + LONGEST_JOIN.toNanos();
    boolean interrupted = false;
    for (Thread thread : threads) {
      long millis = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      try {
        thread.join(millis);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (thread.isAlive() && !interrupted) {
        LOG.warn("{} does not end: its file system ignores interruption", thread.getName());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
