package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.KafkaFeed;
import io.simmim.operators.arrival.feed.KafkaFeedConfig;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class ArrivingImagesCase {
  /** Chunks of 2 images, 2 chunks per step, 2 steps per epoch. */
  static final BatchPlan PLAN = BatchPlan.continuous(2, 4, 1, 2);

  static final String TOPIC = "kafka://127.0.0.1:9092/news";
  static final Duration FOLLOW = Duration.ofMillis(1);
  @TempDir Path folder;
  Path input;
  FakeEnumeratorContext context = new FakeEnumeratorContext(1);
  final List<SplitEnumerator<ChunkSplit, ChunkEnumeratorState>> started = new ArrayList<>();
  int images;

  @BeforeEach
  void makeFolder() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
  }

  @AfterEach
  void stop() throws IOException {
    for (SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator : started) {
      enumerator.close();
    }
    FlakyFileSystem.reset();
  }

  ArrivalSourceConfig config(Duration follow, String topic, WhenIdle idle) {
    return config("file:" + input, follow, topic, idle);
  }

  ArrivalSourceConfig config(String folderUri, Duration follow, String topic, WhenIdle idle) {
    return new ArrivalSourceConfig(
        List.of(folderUri),
        List.of(),
        "file:" + folder.resolve("arrivals"),
        7,
        0.5,
        follow,
        topic == null
            ? null
            : new KafkaFeedConfig(
                KafkaTopic.parse(topic),
                Map.of(),
                KafkaFeed.Start.EARLIEST,
                KafkaFeed.LostEvents.FAIL),
        idle,
        1000);
  }

  ChunkSource source() {
    return source(config(FOLLOW, null, WhenIdle.WAIT), PLAN);
  }

  static ChunkSource source(ArrivalSourceConfig config, BatchPlan plan) {
    FetchConfig fetch = FetchConfig.defaults();
    return new ChunkSource(new ArrivingImages(config, plan, fetch), fetch, SuspectConfig.NONE);
  }

  void arrive(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve("being-written");
      Files.writeString(file, "image " + images);
      Files.move(file, input.resolve("%04d.jpg".formatted(images++)));
    }
  }

  SplitEnumerator<ChunkSplit, ChunkEnumeratorState> begin(ChunkSource source) {
    return run(source.createEnumerator(context));
  }

  SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restore(
      ChunkSource source, ChunkEnumeratorState state, ChunkSplit... held) throws IOException {
    ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();
    context = new FakeEnumeratorContext(1);
    return run(
        source.restoreEnumerator(
            context, serializer.deserialize(serializer.getVersion(), serializer.serialize(state))),
        held);
  }

  SplitEnumerator<ChunkSplit, ChunkEnumeratorState> run(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, ChunkSplit... held) {
    started.add(enumerator);
    enumerator.start();
    context.runAsyncCalls();
    context.register(0, List.of(held));
    enumerator.addReader(0);
    enumerator.handleSourceEvent(0, new ChunkRequest(1000));
    return enumerator;
  }

  void awaitChunks(long last) {
    await()
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              context.runCoordinatorCalls();
              return context.chunksOf(0).contains(last);
            });
  }

  List<List<ImageRef>> chunks() {
    return context.assigned.get(0).stream().map(split -> List.copyOf(split.images())).toList();
  }

  static ChunkEnumeratorState.Progress checkpoint(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, long number) throws Exception {
    ChunkEnumeratorState state = enumerator.snapshotState(number);
    enumerator.notifyCheckpointComplete(number);
    enumerator.handleSourceEvent(0, new BarrierPassed(number));
    return (ChunkEnumeratorState.Progress) state;
  }

  static PlanState.Arriving images(ChunkEnumeratorState state) {
    return (PlanState.Arriving) ((ChunkEnumeratorState.Progress) state).images();
  }

  static ChunkEnumeratorState.Progress state(
      Optional<ArrivalLogReference> log, double share, String topic) {
    return new ChunkEnumeratorState.Progress(
        new PlanState.Arriving(
            log, new ArrivalLogHeader(7, share, 2, 2), 4, 1, topic, Map.of(0, 10L, 1, 11L)),
        5,
        List.of(3L),
        Map.of(),
        0);
  }

  static ChunkEnumeratorState.Progress snapshotBeforeLoading(
      ChunkSource source, ChunkEnumeratorState state) throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        source.restoreEnumerator(new FakeEnumeratorContext(1), state);
    enumerator.start();
    return (ChunkEnumeratorState.Progress) enumerator.snapshotState(1);
  }

  void refuses(ChunkEnumeratorState state, String message) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> refusing =
        source().restoreEnumerator(new FakeEnumeratorContext(1), state);
    assertThatThrownBy(refusing::start)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
