package io.simmim.operators.source.reader;

import io.simmim.operators.source.fetch.AttemptTimer;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.ImageRun;
import io.simmim.operators.source.fetch.ObjectReader;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.timing.ChunkTimes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the images of several chunks at once with a fixed number of daemon threads: objects, and
 * runs of neighbours in shards. They are started in the order of their chunks. Bytes count from the
 * start of a fetch until the chunk is polled, and stay within the budget; only the lowest chunk is
 * exempt, so that it always gets done, also when one object is larger than the budget, or when a
 * lower chunk arrives while higher ones fill the budget.
 *
 * <p>Called by the task thread; {@link #available} completes on any thread.
 */
final class ChunkFetcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkFetcher.class);
  private static final Duration LONGEST_JOIN = Duration.ofSeconds(10);

  private final FetchConfig config;
  private final ObjectReader objects;
  private final AttemptTimer timer;
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition workAdded = lock.newCondition();
  private final TreeMap<Long, PendingChunk> pending = new TreeMap<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private Throwable failure;
  private boolean noMore;
  private long bytesHeld;

  ChunkFetcher(FetchConfig config, StorageProbe probe, FetchMetrics metrics, String threadName) {
    this.config = config;
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
    lock.lock();
    try {
      for (ChunkSplit split : splits) {
        pending.put(split.chunk(), new PendingChunk(split, config.maxObjectBytes()));
      }
      workAdded.signalAll();
    } finally {
      lock.unlock();
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
   * Removes and returns the lowest chunk if all of it is there, otherwise null.
   *
   * @throws IOException if storage is away; then nothing more will be fetched
   */
  EncodedChunk poll() throws IOException {
    lock.lock();
    try {
      throwIfFailed();
      if (!headComplete()) {
        return null;
      }
      PendingChunk chunk = pending.pollFirstEntry().getValue();
      bytesHeld -= chunk.bytesHeld;
      workAdded.signalAll();
      return new EncodedChunk(
          chunk.split.chunk(),
          chunk.split.epoch(),
          chunk.split.firstPosition(),
          Arrays.asList(chunk.images),
          chunk.fetchedMicros);
    } finally {
      lock.unlock();
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
      return headComplete() || failure != null || (noMore && pending.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Whether every chunk was polled and no more will come. */
  boolean done() {
    lock.lock();
    try {
      return noMore && pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether chunks were added that were not polled yet. */
  boolean isBusy() {
    lock.lock();
    try {
      return !pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Number of chunks not polled yet. */
  int held() {
    lock.lock();
    try {
      return pending.size();
    } finally {
      lock.unlock();
    }
  }

  /** The chunks not polled yet, ascending. */
  List<ChunkSplit> unfinished() {
    lock.lock();
    try {
      return pending.values().stream().map(chunk -> chunk.split).toList();
    } finally {
      lock.unlock();
    }
  }

  long bytesHeld() {
    lock.lock();
    try {
      return bytesHeld;
    } finally {
      lock.unlock();
    }
  }

  private boolean headComplete() {
    return !pending.isEmpty() && pending.firstEntry().getValue().complete();
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
      for (Fetch fetch = take(); fetch != null; fetch = take()) {
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
  private Fetch take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (closed.getCount() > 0 && failure == null) {
        Fetch fetch = start();
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

  private Fetch start() {
    for (PendingChunk chunk : pending.values()) {
      if (chunk.started < chunk.runs.size()) {
        ImageRun run = chunk.runs.get(chunk.started);
        long bytes = run.length() > config.maxObjectBytes() ? 0 : run.length();
        boolean lowest = chunk == pending.firstEntry().getValue();
        if (!lowest && bytesHeld + bytes > config.bytesInFlight()) {
          return null;
        }
        bytesHeld += bytes;
        chunk.bytesHeld += bytes;
        chunk.started++;
        return new Fetch(chunk, run);
      }
    }
    return null;
  }

  private void finish(Fetch fetch, List<EncodedImage> images) {
    boolean headComplete;
    lock.lock();
    try {
      for (int i = 0; i < images.size(); i++) {
        fetch.chunk.images[fetch.run.places().get(i)] = images.get(i);
      }
      fetch.chunk.done += images.size();
      fetch.chunk.fetchedMicros = ChunkTimes.nowMicros();
      headComplete = headComplete();
    } finally {
      lock.unlock();
    }
    if (headComplete) {
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
    } finally {
      lock.unlock();
    }
    wakeUp();
  }

  /** Interrupts the threads and waits for them to end. */
  @Override
  public void close() {
    closed.countDown();
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

  private record Fetch(PendingChunk chunk, ImageRun run) {}

  private static final class PendingChunk {
    private final ChunkSplit split;
    private final List<ImageRun> runs;
    private final EncodedImage[] images;
    private int started;
    private int done;
    private long bytesHeld;

    /** Of the last image that was fetched, or of the beginning if there is none to fetch. */
    private long fetchedMicros = ChunkTimes.nowMicros();

    PendingChunk(ChunkSplit split, long maxObjectBytes) {
      this.split = split;
      this.runs = ImageRun.of(split.images(), maxObjectBytes);
      this.images = new EncodedImage[split.images().size()];
    }

    boolean complete() {
      return done == images.length;
    }
  }
}
