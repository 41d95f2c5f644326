package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.SqsFeedConfig;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.sqs.SqsQueue;
import io.simmim.operators.sqs.SqsServer;
import io.simmim.schemas.BatchPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Of a queue, whose messages come in any order and more than once, nothing is lost or new twice.
 */
@Timeout(120)
@Tag("slow")
class SqsArrivalsTest {
  /** Messages that nobody shows again in time are hidden for two minutes. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Chunks of 2 images: two new ones in the first, one in each later. */
  private static final BatchPlan PLAN = BatchPlan.continuous(2, 4, 1, 2);

  private static SqsServer server;
  @TempDir private Path folder;
  private final List<SplitEnumerator<ChunkSplit, ChunkEnumeratorState>> started = new ArrayList<>();
  private FakeEnumeratorContext context;
  private String name;
  private SqsQueue queue;

  @BeforeAll
  static void start() {
    server = SqsServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void createQueue(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
    queue = server.createQueue(name);
  }

  @AfterEach
  void closeAll() throws IOException {
    for (SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator : started) {
      enumerator.close();
    }
  }

  @Test
  void deletesMessagesWithTheCheckpointThatHasThem() throws Exception {
    sendTwice(0, 12);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = begin();
    awaitImages(12);
    enumerator.snapshotState(1);
    enumerator.handleSourceEvent(0, new BarrierPassed(1));
    sendTwice(12, 15);
    awaitImages(15);
    awaitTrue(() -> server.shown(name) == 0);
    assertThat(server.hidden(name)).isEqualTo(30);
    enumerator.notifyCheckpointComplete(1);

    awaitTrue(() -> server.hidden(name) <= 30 - 12);
    await().during(Duration.ofSeconds(1)).until(() -> server.hidden(name) >= 6);
    awaitDeletion(enumerator);
    assertEachIsNewOnce(15);
  }

  /** From a checkpoint that does not know of the last images, and knows of some that come again. */
  @Test
  void losesNothingInARestart() throws Exception {
    sendTwice(0, 12);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin();
    awaitImages(12);
    ChunkEnumeratorState state = before.snapshotState(1);
    before.handleSourceEvent(0, new BarrierPassed(1));
    sendTwice(12, 20);
    awaitImages(20);
    before.close(); // before it learns that the checkpoint is complete

    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> after = restore(state);
    awaitImages(20);
    awaitDeletion(after);
    assertEachIsNewOnce(20);
  }

  /** Takes checkpoints until there are no messages any more. */
  private void awaitDeletion(SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) {
    AtomicLong checkpoint = new AtomicLong(1);
    awaitTrue(
        () -> {
          enumerator.snapshotState(checkpoint.incrementAndGet());
          enumerator.handleSourceEvent(0, new BarrierPassed(checkpoint.get()));
          enumerator.notifyCheckpointComplete(checkpoint.get());
          return server.shown(name) + server.hidden(name) == 0;
        });
  }

  /** In any order, as an unordered queue may hand them out. */
  private void sendTwice(int from, int to) {
    List<String> events = new ArrayList<>();
    IntStream.range(2 * from, 2 * to).forEach(i -> events.add(event(i / 2)));
    Collections.shuffle(events, new Random(from));
    server.send(name, events.toArray(String[]::new));
  }

  private static String event(int image) {
    return """
    {"Records":[{"eventVersion":"2.1","eventTime":"2026-03-04T05:06:07.%03dZ",
    "eventName":"ObjectCreated:Put",
    "s3":{"bucket":{"name":"photos"},"object":{"key":"train/%d.jpg","size":3,"eTag":"tag"}}}]}
    """
        .formatted(image, image);
  }

  private ChunkSource source() {
    ArrivalSourceConfig config =
        new ArrivalSourceConfig(
            List.of("s3://photos/train"),
            List.of(),
            "file:" + folder.resolve("arrivals"),
            7,
            0.5,
            null,
            new SqsFeedConfig(queue),
            WhenIdle.WAIT,
            1000);
    FetchConfig fetch = FetchConfig.defaults();
    return new ChunkSource(new ArrivingImages(config, PLAN, fetch), fetch, SuspectConfig.NONE);
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> begin() {
    context = new FakeEnumeratorContext(1);
    return run(source().createEnumerator(context));
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restore(ChunkEnumeratorState state)
      throws IOException {
    ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();
    context = new FakeEnumeratorContext(1);
    return run(
        source()
            .restoreEnumerator(
                context,
                serializer.deserialize(serializer.getVersion(), serializer.serialize(state))));
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> run(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator) {
    started.add(enumerator);
    enumerator.start();
    context.runAsyncCalls();
    context.register(0, List.of());
    enumerator.addReader(0);
    enumerator.handleSourceEvent(0, new ChunkRequest(1000));
    return enumerator;
  }

  private void awaitImages(int count) {
    awaitTrue(() -> context.chunksOf(0).contains(count - 2L));
  }

  private void awaitTrue(Callable<Boolean> condition) {
    await()
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(20))
        .atMost(LIMIT)
        .until(
            () -> {
              context.runCoordinatorCalls();
              return condition.call();
            });
  }

  private void assertEachIsNewOnce(int count) throws IOException {
    ArrivalLog log =
        ArrivalLogFiles.readNewest(
            new org.apache.flink.core.fs.Path("file:" + folder.resolve("arrivals")));
    List<String> arrived = new ArrayList<>();
    log.forEachImage((id, image) -> arrived.add(image.uri()));
    assertThat(arrived)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, count).mapToObj("s3://photos/train/%d.jpg"::formatted).toList());
  }
}
