package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.arrival.Backlog;
import io.simmim.operators.catalog.ImageNames;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.thread.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.flink.util.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a feed, and delivers what it finds. Its life:
 *
 * <ol>
 *   <li>It waits until there is room for more.
 *   <li>It polls.
 *   <li>It delivers on the thread of the receiver, and waits until that is done. A tar shard is
 *       indexed here, so that nobody else waits for that; before that what precedes it is
 *       delivered, and room for more is waited for. So one shard's images are held at a time,
 *       however many arrived together.
 *   <li>Offsets come with the last of a poll. Whoever restarts in between is told of some objects
 *       again, which it knows.
 *   <li>When a checkpoint is complete, the feed is told which polls were delivered before it.
 * </ol>
 */
public final class ArrivalThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivalThread.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST_JOIN = Duration.ofSeconds(10);

  /**
   * What a feed found.
   *
   * @param objects in the order of their arrival
   * @param offsets where each Kafka partition is to be read on, if it has moved; see {@link
   *     ArrivalBatch#offsets}
   * @param skipped events that were not used, by reason
   * @param sourceId see {@link ArrivalBatch#sourceId}
   */
  public record Delivery(
      List<ArrivedObject> objects,
      Map<Integer, Long> offsets,
      Map<String, Long> skipped,
      String sourceId) {}

  /** Takes what arrives, on a thread of its own. */
  public interface Receiver {
    /** Whether a shard is to be indexed and delivered; one that is known is not. */
    boolean isNew(Arrival shard);

    void accept(Delivery delivery);

    /** The thread has ended: nothing more will be delivered. */
    void failed(Throwable failure);
  }

  /** Finds the images of tar shards. */
  public interface ShardIndex {
    /**
     * The images of a shard, in the order of their use.
     *
     * @throws IOException if storage is away
     */
    List<ImageRef> members(Arrival shard) throws IOException;
  }

  private final ArrivalFeed feed;
  private final Backlog backlog;
  private final ShardIndex shards;
  private final Executor receiverThread;
  private final Receiver receiver;
  private final Thread thread;
  private final AtomicLong delivered = new AtomicLong();

  /** Polls that were delivered before checkpoints; used on the thread of the receiver. */
  private final NavigableMap<Long, Long> deliveredBefore = new TreeMap<>();

  /**
   * @param receiverThread where the receiver is called
   */
  public ArrivalThread(
      String name,
      ArrivalFeed feed,
      Backlog backlog,
      ShardIndex shards,
      Executor receiverThread,
      Receiver receiver) {
    this.feed = feed;
    this.backlog = backlog;
    this.shards = shards;
    this.receiverThread = receiverThread;
    this.receiver = receiver;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.setContextClassLoader(ArrivalThread.class.getClassLoader());
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try (feed) {
      while (!Thread.currentThread().isInterrupted()) {
        backlog.awaitRoom();
        ArrivalBatch batch = feed.poll(POLL);
        if (batch.equals(ArrivalBatch.EMPTY)) {
          delivered.incrementAndGet();
        } else {
          deliver(batch);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{} ends", thread.getName());
    } catch (RejectedExecutionException e) {
      LOG.debug("{} ends: its receiver is gone", thread.getName());
    } catch (Throwable t) { // an OutOfMemoryError must reach the job too
      if (!Thread.currentThread().isInterrupted()) {
        tell(t);
      }
    }
  }

  private void tell(Throwable failure) {
    try {
      receiverThread.execute(() -> receiver.failed(failure));
    } catch (RejectedExecutionException e) {
      LOG.warn("{} failed while the job ended", thread.getName(), failure);
    }
  }

  private void deliver(ArrivalBatch batch) throws IOException, InterruptedException {
    List<ArrivedObject> objects = new ArrayList<>();
    for (Arrival arrival : batch.arrivals()) {
      if (arrival.kind() == Kind.DELETED || !ImageNames.isShard(arrival.uri())) {
        objects.add(ArrivedObject.plain(arrival));
        continue;
      }
      if (!objects.isEmpty()) {
        deliver(new Delivery(List.copyOf(objects), Map.of(), Map.of(), ""), 0);
        objects.clear();
      }
      backlog.awaitRoom();
      if (call(() -> receiver.isNew(arrival))) {
        objects.add(new ArrivedObject(arrival, Optional.of(shards.members(arrival))));
      }
    }
    deliver(new Delivery(objects, batch.offsets(), batch.skipped(), batch.sourceId()), 1);
  }

  /** The polls that end with a delivery count with it: a checkpoint that follows has them. */
  private void deliver(Delivery delivery, int polls) throws InterruptedException {
    boolean accepted =
        call(
            () -> {
              receiver.accept(delivery);
              delivered.addAndGet(polls);
              return true;
            });
    if (!accepted) { // nothing may follow what was lost
      throw new RejectedExecutionException("the receiver failed");
    }
  }

  /** Notes that a checkpoint has what was delivered so far; on the thread of the receiver. */
  public void snapshot(long checkpoint) {
    deliveredBefore.put(checkpoint, delivered.get());
  }

  /** Tells the feed that a checkpoint is complete; on the thread of the receiver. */
  public void completed(long checkpoint) {
    Map.Entry<Long, Long> durable = deliveredBefore.floorEntry(checkpoint);
    if (durable != null) {
      feed.durable(durable.getValue());
      deliveredBefore.headMap(checkpoint, true).clear();
    }
  }

  /** Calls the receiver; false if it fails, which fails the job. */
  private boolean call(BooleanSupplier action) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean result = new AtomicBoolean();
    receiverThread.execute(
        () -> {
          try {
            result.set(action.getAsBoolean());
          } finally {
            done.countDown();
          }
        });
    done.await();
    return result.get();
  }

  /**
   * Interrupts the thread and waits for it to end, for some seconds at most. One that was never
   * started has nobody else who closes its feed.
   */
  @Override
  public void close() {
    if (thread.getState() == Thread.State.NEW) {
      IOUtils.closeQuietly(feed);
      return;
    }
    if (!Threads.end(thread, LONGEST_JOIN) && !Thread.currentThread().isInterrupted()) {
      LOG.warn("{} does not end: what it waits for ignores interruption", thread.getName());
    }
  }
}
