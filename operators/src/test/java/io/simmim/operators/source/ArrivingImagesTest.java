package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.ArrivalFeed;
import io.simmim.operators.arrival.feed.EventFeedConfig;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.catalog.tar.TestShard;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import io.simmim.operators.source.enumerator.ChunkEnumeratorState;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.util.FlinkRuntimeException;
import org.junit.jupiter.api.Test;

class ArrivingImagesTest extends ArrivingImagesCase {
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
  void replaysWhileNothingArrives() throws Exception {
    arrive(2);
    begin(source(config(FOLLOW, null, WhenIdle.REPLAY), PLAN));
    awaitChunks(20);

    assertThat(chunks().get(20)).allMatch(image -> image.sampleId() < 2);
  }

  /** Flink closes on a thread of its own, also while feeds are being opened. */
  @Test
  void leavesNoFeedOpenWhenClosedMeanwhile() throws Exception {
    ClosedMeanwhile events = new ClosedMeanwhile();
    ArrivalSourceConfig plain = config(null, null, WhenIdle.WAIT);
    SplitEnumerator<ChunkSplit, ChunkEnumeratorState> enumerator =
        source(
                new ArrivalSourceConfig(
                    plain.inputs(),
                    List.of(),
                    plain.logFolder(),
                    plain.seed(),
                    plain.replayShare(),
                    null,
                    events,
                    WhenIdle.WAIT,
                    1000),
                PLAN)
            .createEnumerator(context);
    started.add(enumerator);
    events.closing =
        new Thread(
            () -> {
              try {
                enumerator.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });

    enumerator.start();
    context.runAsyncCalls();
    events.closing.join();

    await().until(() -> events.closed == 1);
  }

  /** One feed, while which is opened everything is closed. */
  private static final class ClosedMeanwhile implements EventFeedConfig, ArrivalFeed {
    private static final long serialVersionUID = 1;

    private transient Thread closing;
    private transient volatile int closed;

    @Override
    public String source() {
      return TOPIC;
    }

    @Override
    public boolean continues(String source) {
      return false;
    }

    @Override
    public ArrivalFeed open(FeedPosition position, S3Notifications notifications) {
      closing.start();
      await().until(() -> closing.getState() != Thread.State.RUNNABLE);
      return this;
    }

    @Override
    public ArrivalBatch poll(Duration timeout) throws InterruptedException {
      closing.join(timeout.toMillis());
      return ArrivalBatch.EMPTY;
    }

    @Override
    public synchronized void close() {
      closed++;
    }
  }
}
