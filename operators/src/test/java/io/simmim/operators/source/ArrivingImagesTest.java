package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.KafkaFeed;
import io.simmim.operators.arrival.feed.KafkaFeedConfig;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ArrivingImages;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.enumerator.ChunkEnumeratorStateSerializer;
import io.simmim.operators.source.enumerator.PlanState;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivingImagesTest {
  /** Chunks of 2 images, 2 chunks per step, 2 steps per epoch. */
  private static final BatchPlan PLAN = BatchPlan.continuous(2, 4, 1, 2);

  private static final String TOPIC = "kafka://127.0.0.1:9092/news";
  private static final Duration FOLLOW = Duration.ofMillis(1);

  @TempDir private Path folder;
  private Path input;
  private FakeEnumeratorContext context = new FakeEnumeratorContext(1);
  private final List<SplitEnumerator<ChunkSplit, ChunkEnumeratorState>> started = new ArrayList<>();
  private int images;

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

  private ArrivalSourceConfig config(Duration follow, String topic, WhenIdle idle) {
    return config("file:" + input, follow, topic, idle);
  }

  private ArrivalSourceConfig config(
      String folderUri, Duration follow, String topic, WhenIdle idle) {
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

  private ChunkSource source() {
    return source(config(FOLLOW, null, WhenIdle.WAIT), PLAN);
  }

  private static ChunkSource source(ArrivalSourceConfig config, BatchPlan plan) {
    FetchConfig fetch = FetchConfig.defaults();
    return new ChunkSource(new ArrivingImages(config, plan, fetch), fetch, SuspectConfig.NONE);
  }

  private void arrive(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve("being-written");
      Files.writeString(file, "image " + images);
      Files.move(file, input.resolve("%04d.jpg".formatted(images++)));
    }
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> begin(ChunkSource source) {
    return run(source.createEnumerator(context));
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> restore(
      ChunkSource source, ChunkEnumeratorState state, ChunkSplit... held) throws IOException {
    ChunkEnumeratorStateSerializer serializer = new ChunkEnumeratorStateSerializer();
    context = new FakeEnumeratorContext(1);
    return run(
        source.restoreEnumerator(
            context, serializer.deserialize(serializer.getVersion(), serializer.serialize(state))),
        held);
  }

  private SplitEnumerator<ChunkSplit, ChunkEnumeratorState> run(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, ChunkSplit... held) {
    started.add(enumerator);
    enumerator.start();
    context.runAsyncCalls();
    context.register(0, List.of(held));
    enumerator.addReader(0);
    enumerator.handleSourceEvent(0, new ChunkRequest(1000));
    return enumerator;
  }

  private void awaitChunks(long last) {
    await()
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              context.runCoordinatorCalls();
              return context.chunksOf(0).contains(last);
            });
  }

  private List<List<ImageRef>> chunks() {
    return context.assigned.get(0).stream().map(split -> List.copyOf(split.images())).toList();
  }

  private static ChunkEnumeratorState.Progress checkpoint(
      SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator, long number) throws Exception {
    ChunkEnumeratorState state = enumerator.snapshotState(number);
    enumerator.notifyCheckpointComplete(number);
    enumerator.handleSourceEvent(0, new BarrierPassed(number));
    return (ChunkEnumeratorState.Progress) state;
  }

  @Test
  void handsImagesOutAsTheyArrive() throws Exception {
    arrive(5);
    begin(source());
    awaitChunks(3);
    assertThat(context.chunksOf(0)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(context.events.get(0))
        .containsExactly(new CatalogRoots(List.of("file:" + input), true));
    arrive(1);
    awaitChunks(4);

    List<Long> ids = chunks().stream().flatMap(List::stream).map(ImageRef::sampleId).toList();
    assertThat(ids.get(0)).isZero();
    assertThat(List.of(ids.get(1), ids.get(2), ids.get(4), ids.get(6), ids.get(8)))
        .containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(context.assigned.get(0).get(4).epoch()).isEqualTo(1);
    assertThat(context.assigned.get(0).get(3).firstPosition()).isEqualTo(6);
    assertThat(source().getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
  }

  @Test
  void neverReplaysWhatReadersFoundGone() throws Exception {
    arrive(4);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        begin(source(config(FOLLOW, null, WhenIdle.REPLAY), PLAN));
    awaitChunks(10);
    enumerator.handleSourceEvent(0, new ChunkEmitted(0, List.of(1L, 2L, 3L)));
    ChunkEnumeratorState state = checkpoint(enumerator, 1);
    long next = ((ChunkEnumeratorState.Progress) state).nextChunk();
    for (long chunk = 1; chunk < next; chunk++) {
      enumerator.handleSourceEvent(0, new ChunkEmitted(chunk));
    }
    awaitChunks(next + 20);
    enumerator.close();
    restore(source(config(FOLLOW, null, WhenIdle.REPLAY), PLAN), state);
    awaitChunks(next + 20);

    for (ChunkSplit split : context.assigned.get(0)) {
      assertThat(split.chunk()).isGreaterThanOrEqualTo(next);
      assertThat(split.images()).extracting(ImageRef::sampleId).containsOnly(0L);
    }
  }

  /** A reader comes while an object is deleted and written again, as long as before. */
  @Test
  void takesWhatAReaderMissedWhenAListingShowsIt() throws Exception {
    arrive(2);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = begin(source());
    awaitChunks(0);
    String uri = chunks().get(0).get(1).uri();
    enumerator.handleSourceEvent(0, new ChunkEmitted(0, List.of(1L)));
    awaitChunks(1);

    ImageRef again = chunks().get(1).get(0);
    assertThat(again.uri()).isEqualTo(uri);
    assertThat(again.sampleId()).isEqualTo(2);
  }

  @Test
  void goesOnAfterShardsThatCannotBeUsed() throws Exception {
    for (String name : List.of("cut.tar", "denied.tar", "good.tar", "gone.tar", "replaced.tar")) {
      new TestShard().file(name + ".jpg", new byte[700]).write(input.resolve(name));
    }
    FlakyFileSystem.onOpen(
        path -> {
          Path file = Path.of(path.getPath());
          switch (path.getName()) {
            case "cut.tar" -> Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1000));
            case "denied.tar" -> throw new AccessDeniedException(path.toString());
            case "gone.tar" -> Files.deleteIfExists(file);
            case "replaced.tar" -> Files.writeString(file, "<html>");
            default -> {}
          }
        });
    arrive(3);
    begin(source(config("flaky:" + input, FOLLOW, null, WhenIdle.WAIT), PLAN));
    awaitChunks(6);
    arrive(1);
    awaitChunks(7);

    assertThat(
            chunks().stream()
                .flatMap(List::stream)
                .filter(image -> image.uri().endsWith(".tar"))
                .map(image -> Path.of(image.uri()).getFileName() + ": " + image.problem())
                .distinct())
        .containsExactlyInAnyOrder(
            "good.tar: ",
            "cut.tar: ",
            "cut.tar: the shard is damaged at byte 1536 (nothing from there on is used): it has"
                + " 1000 bytes now, not 2560",
            "denied.tar: permission denied",
            "gone.tar: deleted since it was listed",
            "replaced.tar: not a tar shard: it has 6 bytes now, not 2560");
  }

  @Test
  void restartsTheJobWhenTheStorageOfAShardIsAway() throws Exception {
    new TestShard().file("a.jpg", new byte[700]).write(input.resolve("a.tar"));
    FlakyFileSystem.onOpen(
        path -> {
          if (path.getName().equals("a.tar")) {
            throw new IOException("connection reset");
          }
        });
    begin(source(config("flaky:" + input, FOLLOW, null, WhenIdle.WAIT), PLAN));

    assertThatThrownBy(() -> awaitChunks(0))
        .isInstanceOf(FlinkRuntimeException.class)
        .hasMessage("images that arrive cannot be followed")
        .cause()
        .hasMessage("cannot read flaky:%s/a.tar at byte 0 in 5 attempts: connection reset", input);
  }

  @Test
  void indexesNoShardAgainAfterARestart() throws Exception {
    for (int i = 0; i < 20; i++) {
      new TestShard().file("a.jpg", new byte[700]).write(input.resolve(i + ".tar"));
    }
    ChunkSource source = source(config("flaky:" + input, FOLLOW, null, WhenIdle.WAIT), PLAN);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source);
    awaitChunks(18);
    ChunkEnumeratorState state = checkpoint(before, 1);
    before.close();
    FlakyFileSystem.reset();
    ChunkSplit[] held = context.assigned.get(0).toArray(ChunkSplit[]::new);
    new TestShard().file("b.jpg", new byte[700]).write(input.resolve("new.tar"));
    restore(source, state, held);
    awaitChunks(19);

    assertThat(FlakyFileSystem.opens()).isEqualTo(1);
  }

  @Test
  void continuesFromACheckpointWithTheSameImages() throws Exception {
    arrive(6);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source());
    awaitChunks(4);
    ChunkEnumeratorState.Progress state = checkpoint(before, 1);
    arrive(1);
    awaitChunks(5);
    before.close();
    List<List<ImageRef>> expected = chunks().subList(0, 5);
    ChunkSplit[] held = context.assigned.get(0).subList(0, 5).toArray(ChunkSplit[]::new);
    assertThat(state.nextChunk()).isEqualTo(5);

    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> after = restore(source(), state, held);
    awaitChunks(5);
    assertThat(chunks().subList(0, 5)).isEqualTo(expected);
    arrive(1);
    awaitChunks(6);
    assertThat(chunks().get(5).get(0).sampleId()).isEqualTo(6);
    assertThat(chunks().get(6).get(0).sampleId()).isEqualTo(7);
    assertThat(checkpoint(after, 2).nextChunk()).isEqualTo(7);
  }

  @Test
  void keepsTheStateUntilTheLogIsLoaded() throws Exception {
    ArrivalLogReference log = new ArrivalLogReference("file:/l", 1024, "b".repeat(64));
    ChunkEnumeratorState.Progress state = state(Optional.of(log), 0.5, TOPIC);
    ChunkSource same = source(config(null, TOPIC, WhenIdle.WAIT), PLAN);
    ChunkSource other = source(config(null, TOPIC + "-2", WhenIdle.WAIT), PLAN);
    ChunkSource none = source(config(FOLLOW, null, WhenIdle.WAIT), PLAN);

    assertThat(snapshotBeforeLoading(same, state)).isEqualTo(state);
    assertThat(images(snapshotBeforeLoading(other, state)).topic()).isEqualTo(TOPIC + "-2");
    assertThat(images(snapshotBeforeLoading(other, state)).offsets()).isEmpty();
    assertThat(images(snapshotBeforeLoading(other, state)).log()).contains(log);
    assertThat(images(snapshotBeforeLoading(none, state)).offsets()).isEmpty();
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> fresh = same.createEnumerator(context);
    fresh.start();
    assertThat(images(fresh.snapshotState(1)).log()).isEmpty();
  }

  private static PlanState.Arriving images(ChunkEnumeratorState state) {
    return (PlanState.Arriving) ((ChunkEnumeratorState.Progress) state).images();
  }

  private static ChunkEnumeratorState.Progress state(
      Optional<ArrivalLogReference> log, double share, String topic) {
    return new ChunkEnumeratorState.Progress(
        new PlanState.Arriving(
            log, new ArrivalLogHeader(7, share, 2, 2), 4, 1, topic, Map.of(0, 10L, 1, 11L)),
        5,
        List.of(3L),
        Map.of());
  }

  private static ChunkEnumeratorState.Progress snapshotBeforeLoading(
      ChunkSource source, ChunkEnumeratorState state) throws Exception {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        source.restoreEnumerator(new FakeEnumeratorContext(1), state);
    enumerator.start();
    return (ChunkEnumeratorState.Progress) enumerator.snapshotState(1);
  }

  @Test
  void endsWithWhatIsThere() throws Exception {
    arrive(3);
    ChunkSource ending = source(config(FOLLOW, null, WhenIdle.WAIT), PLAN.endingAfter(3));
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = begin(ending);
    awaitChunks(5);
    assertThat(context.chunksOf(0)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    assertThat(context.finished).isEmpty();
    for (long chunk = 0; chunk < 6; chunk++) {
      enumerator.handleSourceEvent(0, new ChunkEmitted(chunk));
    }

    assertThat(context.finished).containsExactly(0);
    assertThat(ending.getBoundedness()).isEqualTo(Boundedness.BOUNDED);
    assertThat(chunks().stream().flatMap(List::stream).map(ImageRef::sampleId))
        .contains(0L, 1L, 2L);
  }

  @Test
  void endsWithoutAnythingThatArrives() throws Exception {
    arrive(4);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> before = begin(source());
    awaitChunks(2);
    ChunkEnumeratorState state = checkpoint(before, 1);
    before.close();
    arrive(1);
    ChunkSplit[] held = context.assigned.get(0).toArray(ChunkSplit[]::new);
    restore(source(config(null, null, WhenIdle.WAIT), PLAN.endingAfter(4)), state, held);

    assertThat(context.chunksOf(0)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(chunks().get(7)).allMatch(image -> image.sampleId() < 4);
  }

  @Test
  void replaysWhileNothingArrives() throws Exception {
    arrive(2);
    begin(source(config(FOLLOW, null, WhenIdle.REPLAY), PLAN));
    awaitChunks(20);

    assertThat(chunks().get(20)).allMatch(image -> image.sampleId() < 2);
  }

  @Test
  void writesTheLogWithEachCheckpoint() throws Exception {
    arrive(3);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator = begin(source());
    awaitChunks(1);
    ChunkEnumeratorState.Progress first = checkpoint(enumerator, 1);
    arrive(1);
    awaitChunks(2);
    ChunkEnumeratorState.Progress second = checkpoint(enumerator, 2);

    assertThat(ArrivalLogFiles.read(images(first).log().orElseThrow()).size()).isEqualTo(3);
    assertThat(ArrivalLogFiles.read(images(second).log().orElseThrow()).size()).isEqualTo(4);
    assertThat(ArrivalLogFiles.read(images(second).log().orElseThrow()).roots())
        .containsExactly("file:" + input);
  }

  @Test
  void endsTheJobWhenTheLogIsMissing() {
    ArrivalLogReference log =
        new ArrivalLogReference("file:" + folder.resolve("arrivals"), 1024, "b".repeat(64));
    source().restoreEnumerator(context, state(Optional.of(log), 0.5, "")).start();

    assertThatThrownBy(context::runAsyncCalls)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "the log of arrivals in file:" + folder + "/arrivals lacks the 1024");
  }

  @Test
  void refusesTheStateOfAnotherRun() {
    refuses(
        state(Optional.empty(), 0.25, ""),
        "cannot resume: the checkpoint was made with replay-share 0.25, not 0.5");
    refuses(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Arriving(
                Optional.empty(), new ArrivalLogHeader(8, 0.5, 1, 4), 2, 2, "", Map.of())),
        "cannot resume: the checkpoint was made with seed 8, not 7, micro-batch 2, not 4,"
            + " accumulation 2, not 1, chunk-images 1, not 2");
    refuses(
        ChunkEnumeratorState.Progress.start(
            new PlanState.Listed(
                7,
                Shuffle.SAMPLE,
                new CatalogReference("file:/c", "a".repeat(64), 100),
                new BatchPlan(100, 5, 4, 1, 2))),
        "cannot resume: the checkpoint is one of a run over a catalog (without --follow,"
            + " --events)");
    refuses(
        new ChunkEnumeratorState.Unreadable("it ends too early"),
        "cannot resume: the state of the source is unreadable: it ends too early");
    assertThatThrownBy(
            () -> source(config(FOLLOW, null, WhenIdle.WAIT), new BatchPlan(100, 5, 4, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the plan must be one of a continuous run: BatchPlan[");
  }

  private void refuses(ChunkEnumeratorState state, String message) {
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> refusing =
        source().restoreEnumerator(new FakeEnumeratorContext(1), state);
    assertThatThrownBy(refusing::start)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }
}
