package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.arrival.Backlog;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArrivalThreadTest {
  private static final ArrivalBatch FAILURE =
      new ArrivalBatch(List.of(), Map.of(), Map.of("fails", 1L));

  private final ExecutorService receiver =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "receiver"));
  private final QueueFeed feed = new QueueFeed();
  private final Backlog backlog = new Backlog(10);
  private final List<ArrivalThread.Delivery> deliveries = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<String> indexed = new CopyOnWriteArrayList<>();
  private final ArrivalThread thread =
      new ArrivalThread("arrivals", feed, backlog, this::members, receiver, new Noting());

  /** Notes what it is told, and by which thread. */
  private final class Noting implements ArrivalThread.Receiver {
    @Override
    public boolean isNew(Arrival shard) {
      threads.add(Thread.currentThread().getName());
      return !shard.uri().contains("known");
    }

    @Override
    public void accept(ArrivalThread.Delivery delivery) {
      if (delivery.skipped().containsKey("refused")) {
        throw new IllegalStateException("refused");
      }
      threads.add(Thread.currentThread().getName());
      deliveries.add(delivery);
    }

    @Override
    public void failed(Throwable failure) {
      threads.add(Thread.currentThread().getName());
      failures.add(failure);
    }
  }

  @AfterEach
  void stop() {
    thread.close();
    receiver.shutdownNow();
  }

  /** Gives what a test put into it. */
  private static final class QueueFeed implements ArrivalFeed {
    final LinkedBlockingQueue<ArrivalBatch> batches = new LinkedBlockingQueue<>();
    final AtomicInteger polls = new AtomicInteger();
    volatile boolean closed;
    volatile long durable;

    @Override
    public ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException {
      polls.incrementAndGet();
      ArrivalBatch batch = batches.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (FAILURE.equals(batch)) {
        throw new IOException("storage is gone");
      }
      return batch == null ? ArrivalBatch.EMPTY : batch;
    }

    @Override
    public void durable(long polls) {
      durable = polls;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private List<ImageRef> members(Arrival shard) throws IOException {
    indexed.add(shard.uri());
    if (shard.uri().contains("away")) {
      throw new IOException("storage is away");
    }
    return List.of(new ImageRef(0, shard.uri(), 512, 9, "x", ""));
  }

  private static Arrival arrival(Kind kind, String uri) {
    return new Arrival(kind, uri, 10, "v:1", 5, "test");
  }

  private static ArrivalBatch batch(Arrival... arrivals) {
    return new ArrivalBatch(List.of(arrivals), Map.of(), Map.of());
  }

  @Test
  void deliversInOrderOnTheReceiversThread() {
    for (int i = 0; i < 100; i++) {
      feed.batches.add(batch(arrival(Kind.CREATED, i + ".jpg")));
    }
    thread.start();
    await().until(() -> deliveries.size() == 100);

    List<String> uris = new ArrayList<>();
    deliveries.forEach(delivery -> uris.add(delivery.objects().get(0).arrival().uri()));
    for (int i = 0; i < 100; i++) {
      assertThat(uris.get(i)).isEqualTo(i + ".jpg");
    }
    assertThat(threads).containsOnly("receiver");
  }

  /** A checkpoint may follow a delivery before the feed's thread goes on. */
  @Test
  void countsAPollWithItsDelivery() {
    feed.batches.add(batch(arrival(Kind.CREATED, "a.jpg")));
    AtomicReference<ArrivalThread> itself = new AtomicReference<>();
    Executor checkpointing =
        action -> {
          action.run();
          itself.get().snapshot(1);
        };
    try (ArrivalThread followed =
        new ArrivalThread("followed", feed, backlog, this::members, checkpointing, new Noting())) {
      itself.set(followed);
      followed.start();
      await().until(() -> feed.polls.get() > 1);
      followed.completed(1);
    }

    assertThat(feed.durable).isEqualTo(1);
  }

  @Test
  void indexesShardsThatAreNotKnown() {
    Arrival shard = arrival(Kind.CREATED, "a.tar");
    feed.batches.add(
        new ArrivalBatch(
            List.of(
                arrival(Kind.CREATED, "a.jpg"),
                shard,
                arrival(Kind.CREATED, "known.tar"),
                arrival(Kind.DELETED, "gone.tar"),
                arrival(Kind.CREATED, "b.jpg")),
            Map.of(2, 7L),
            Map.of("other", 3L),
            "id"));
    thread.start();
    await().until(() -> deliveries.size() == 3);

    assertThat(indexed).containsExactly("a.tar");
    assertThat(deliveries)
        .containsExactly(
            new ArrivalThread.Delivery(
                List.of(ArrivedObject.plain(arrival(Kind.CREATED, "a.jpg"))),
                Map.of(),
                Map.of(),
                ""),
            new ArrivalThread.Delivery(
                List.of(
                    new ArrivedObject(
                        shard, Optional.of(List.of(new ImageRef(0, "a.tar", 512, 9, "x", ""))))),
                Map.of(),
                Map.of(),
                ""),
            new ArrivalThread.Delivery(
                List.of(
                    ArrivedObject.plain(arrival(Kind.DELETED, "gone.tar")),
                    ArrivedObject.plain(arrival(Kind.CREATED, "b.jpg"))),
                Map.of(2, 7L),
                Map.of("other", 3L),
                "id"));
    assertThat(threads).containsOnly("receiver");
  }

  /**
   * Each of a thousand shards that arrive together may hold as many images as there is room for.
   */
  @Test
  void indexesOneShardAfterTheOtherWhileThereIsRoom() {
    feed.batches.add(
        batch(
            arrival(Kind.CREATED, "a.tar"),
            arrival(Kind.CREATED, "b.tar"),
            arrival(Kind.CREATED, "c.tar")));
    backlog.set(9);
    thread.start();
    await().until(() -> indexed.size() == 3);
    backlog.set(10);
    feed.batches.add(batch(arrival(Kind.CREATED, "d.tar"), arrival(Kind.CREATED, "e.tar")));

    await().during(Duration.ofMillis(200)).until(() -> indexed.size() == 3);
    backlog.set(9);
    await().until(() -> indexed.size() == 5);
  }

  @Test
  void failsWhenTheStorageOfAShardIsAway() {
    feed.batches.add(
        new ArrivalBatch(List.of(arrival(Kind.CREATED, "away.tar")), Map.of(0, 7L), Map.of()));
    thread.start();
    await().until(() -> failures.size() == 1);

    assertThat(failures.get(0)).isInstanceOf(IOException.class).hasMessage("storage is away");
    assertThat(deliveries).isEmpty();
  }

  @Test
  void pollsOnlyWhileThereIsRoom() {
    backlog.set(10);
    feed.batches.add(batch(arrival(Kind.CREATED, "a.jpg")));
    thread.start();
    await().during(Duration.ofMillis(200)).until(() -> feed.polls.get() == 0);
    backlog.set(9);

    await().until(() -> deliveries.size() == 1);
  }

  @Test
  void deliversNothingWhereNothingCame() {
    feed.batches.add(ArrivalBatch.EMPTY);
    feed.batches.add(new ArrivalBatch(List.of(), Map.of(0, 1L), Map.of()));
    thread.start();
    await().until(() -> deliveries.size() == 1);

    assertThat(deliveries.get(0).offsets()).isEqualTo(Map.of(0, 1L));
  }

  @Test
  void tellsTheFeedWhatACompletedCheckpointHas() {
    feed.batches.add(batch(arrival(Kind.CREATED, "a.jpg")));
    feed.batches.add(ArrivalBatch.EMPTY);
    backlog.set(10);
    thread.start();
    thread.snapshot(1);
    backlog.set(9);
    await().until(() -> deliveries.size() == 1 && feed.batches.isEmpty());
    await().until(() -> feed.polls.get() > 2); // the third one found the second delivered
    backlog.set(10);
    thread.snapshot(2);
    thread.snapshot(3);

    thread.completed(1);
    assertThat(feed.durable).isZero();
    thread.completed(3);
    assertThat(feed.durable).isGreaterThanOrEqualTo(2);
    long before = feed.durable;
    backlog.set(9);
    feed.batches.add(batch(arrival(Kind.CREATED, "b.jpg")));
    await().until(() -> deliveries.size() == 2);
    thread.completed(4); // begun before it was known
    assertThat(feed.durable).isEqualTo(before);
  }

  /** Or a checkpoint would count what its log does not have. */
  @Test
  void deliversNothingBehindWhatWasNotTaken() {
    feed.batches.add(new ArrivalBatch(List.of(), Map.of(), Map.of("refused", 1L)));
    feed.batches.add(batch(arrival(Kind.CREATED, "a.jpg")));
    thread.start();
    await().dontCatchUncaughtExceptions().until(() -> feed.closed);
    thread.snapshot(1);
    thread.completed(1);

    assertThat(deliveries).isEmpty();
    assertThat(feed.durable).isZero();
  }

  @Test
  void reportsAFailureOnTheReceiversThreadAndEnds() {
    feed.batches.add(FAILURE);
    thread.start();
    await().until(() -> failures.size() == 1);

    assertThat(failures.get(0)).isInstanceOf(IOException.class).hasMessage("storage is gone");
    assertThat(threads).containsExactly("receiver");
    assertThat(feed.closed).isTrue();
  }

  @Test
  void endsWhenItIsClosedWhateverItWaitsFor() {
    thread.start();
    await().until(() -> feed.polls.get() > 0);
    backlog.set(10);
    thread.close();

    assertThat(feed.closed).isTrue();
    assertThat(failures).isEmpty();
  }

  @Test
  void endsWhenItsReceiverIsGone() {
    receiver.shutdown();
    feed.batches.add(batch(arrival(Kind.CREATED, "a.jpg")));
    thread.start();

    await().until(() -> feed.closed);
    assertThat(failures).isEmpty();
  }
}
