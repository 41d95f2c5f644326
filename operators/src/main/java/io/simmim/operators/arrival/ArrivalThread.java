package io.simmim.operators.arrival;

import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a feed, and delivers what it finds. Its life:
 *
 * <ol>
 *   <li>It waits until there is room for more.
 *   <li>It polls. Tar shards that arrived are indexed here, so that nobody waits for that.
 *   <li>It delivers on the thread of the receiver, and waits until that is done.
 * </ol>
 */
public final class ArrivalThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivalThread.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long LONGEST_JOIN_MILLIS = 10_000;

  /**
   * What a feed found.
   *
   * @param objects in the order of their arrival
   * @param offsets where each Kafka partition is to be read on, if it has moved
   * @param skipped events that were not used, by reason
   */
  public record Delivery(
      List<ArrivedObject> objects, Map<Integer, Long> offsets, Map<String, Long> skipped) {}

  private final ArrivalFeed feed;
  private final Backlog backlog;
  private final Function<Arrival, Optional<List<ImageRef>>> shards;
  private final Executor receiverThread;
  private final Consumer<Delivery> receiver;
  private final Consumer<Throwable> failed;
  private final Thread thread;

  /**
   * @param shards indexes a tar shard; empty if it is gone
   * @param receiverThread where the receiver is called, also with a failure
   */
  public ArrivalThread(
      String name,
      ArrivalFeed feed,
      Backlog backlog,
      Function<Arrival, Optional<List<ImageRef>>> shards,
      Executor receiverThread,
      Consumer<Delivery> receiver,
      Consumer<Throwable> failed) {
    this.feed = feed;
    this.backlog = backlog;
    this.shards = shards;
    this.receiverThread = receiverThread;
    this.receiver = receiver;
    this.failed = failed;
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
        if (!batch.arrivals().isEmpty()
            || !batch.offsets().isEmpty()
            || !batch.skipped().isEmpty()) {
          deliver(delivery(batch));
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
      receiverThread.execute(() -> failed.accept(failure));
    } catch (RejectedExecutionException e) {
      LOG.warn("{} failed while the job ended", thread.getName(), failure);
    }
  }

  private void deliver(Delivery delivery) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    receiverThread.execute(
        () -> {
          try {
            receiver.accept(delivery);
          } finally {
            done.countDown();
          }
        });
    done.await();
  }

  private Delivery delivery(ArrivalBatch batch) {
    List<ArrivedObject> objects = new ArrayList<>();
    Map<String, Long> skipped = new HashMap<>(batch.skipped());
    for (Arrival arrival : batch.arrivals()) {
      if (arrival.kind() == Kind.DELETED || !Catalog.isShard(arrival.uri())) {
        objects.add(ArrivedObject.plain(arrival));
        continue;
      }
      Optional<List<ImageRef>> members = shards.apply(arrival);
      if (members.isPresent()) {
        objects.add(new ArrivedObject(arrival, members));
      } else {
        skipped.merge("shard gone before it was read", 1L, Long::sum);
      }
    }
    return new Delivery(objects, batch.offsets(), skipped);
  }

  /** Interrupts the thread and waits for it to end, for some seconds at most. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(LONGEST_JOIN_MILLIS);
      if (thread.isAlive()) {
        LOG.warn("{} does not end: what it waits for ignores interruption", thread.getName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
