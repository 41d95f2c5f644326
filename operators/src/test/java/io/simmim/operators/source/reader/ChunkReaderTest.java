package io.simmim.operators.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.source.FakeReaderContext;
import io.simmim.operators.source.FakeReaderOutput;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.BarrierPassed;
import io.simmim.operators.source.split.ChunkEmitted;
import io.simmim.operators.source.split.ChunkRequest;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.PendingChunks;
import io.simmim.operators.source.split.StorageFailed;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.timing.ChunkTimes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.io.InputStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChunkReaderTest {
  private static final int CHUNK_IMAGES = 2;

  @TempDir Path folder;
  private final FakeReaderContext context = new FakeReaderContext();
  private final FakeReaderOutput output = new FakeReaderOutput();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger opened = new AtomicInteger();
  private ChunkReader reader;

  @AfterEach
  void close() {
    gate.countDown();
    if (reader != null) {
      reader.close();
    }
    FlakyFileSystem.reset();
  }

  @Test
  void asksForChunksWhenItStartsAndForOneMoreWithEachItEmits() throws Exception {
    start(4, 1000);
    assertThat(context.events).containsExactly(new ChunkRequest(5));
    reader.addSplits(List.of(split(0, 5, 6)));
    assertThat(pollUntil(1)).containsExactly(0L);

    assertThat(context.events).containsExactly(new ChunkRequest(5), new ChunkEmitted(0));
    assertThat(output.released).containsExactly("0");
  }

  @Test
  void reportsWhatWaitsWithItAndElsewhere() throws Exception {
    start(4, 1000);
    assertThat(context.pendingRecords()).isZero();
    reader.addSplits(List.of(split(0, 5, 6), split(1, 5, 6)));
    reader.handleSourceEvents(new PendingChunks(40));
    assertThat(context.pendingRecords()).isEqualTo(42);
    pollUntil(1);

    assertThat(context.pendingRecords()).isEqualTo(41);
  }

  @Test
  void emitsTheBytesInTheOrderOfThePositions() throws Exception {
    start(4, 1000);
    reader.addSplits(List.of(split(7, 3, 100, 1, 12)));
    pollUntil(1);

    EncodedChunk chunk = output.chunks.get(0);
    assertThat(chunk.index()).isEqualTo(7);
    assertThat(chunk.firstPosition()).isEqualTo(14);
    assertThat(chunk.images())
        .extracting(image -> new String(image.bytes(), StandardCharsets.UTF_8).length())
        .containsExactly(3, 100, 1, 12);
  }

  /** A chunk may wait long until somebody has time to decode it. */
  @Test
  void tellsWhenTheLastImageWasThereAndNotWhenTheChunkWasTaken() throws Exception {
    holdOpens();
    start(4, 1000);
    reader.addSplits(List.of(split(0, 5, 6)));
    long before = laterThan(ChunkTimes.nowMicros());
    gate.countDown();
    reader.isAvailable().get();
    long after = laterThan(ChunkTimes.nowMicros());
    pollUntil(1);

    assertThat(output.chunks.get(0).fetchedMicros()).isBetween(before, after - 1);
  }

  private static long laterThan(long micros) {
    long now = ChunkTimes.nowMicros();
    while (now <= micros) {
      now = ChunkTimes.nowMicros();
    }
    return now;
  }

  @Test
  void fetchesSeveralChunksAtOnceAndEmitsTheLowestFirst() throws Exception {
    holdOpens();
    start(4, 1000);
    reader.addSplits(List.of(split(4, 5, 5), split(2, 5, 5)));
    await().until(() -> opened.get() == 4);
    reader.addSplits(List.of(split(1, 5, 5)));
    CompletableFuture<Void> available = reader.isAvailable();
    assertThat(available).isNotDone();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    gate.countDown();

    assertThat(pollUntil(3)).containsExactly(1L, 2L, 4L);
    assertThat(available).isDone();
  }

  @Test
  void staysWithinItsBudgetButForTheLowestChunk() throws Exception {
    holdOpens();
    start(8, 100);
    reader.addSplits(List.of(split(0, 40, 30), split(1, 29, 1), split(2, 1, 1)));
    await().until(() -> opened.get() == 4);
    // 101 bytes would be in flight with the next; smaller ones behind it must wait as well.
    reader.addSplits(List.of(split(3, 1, 1)));
    await().during(Duration.ofMillis(100)).until(() -> opened.get() == 4);
    gate.countDown();

    assertThat(pollUntil(4)).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void letsObjectsPassThatAreLargerThanTheBudget() throws Exception {
    start(2, 10);
    reader.addSplits(List.of(split(0, 500, 500), split(1, 500, 500)));

    assertThat(pollUntil(2)).containsExactly(0L, 1L);
  }

  @Test
  void letsALowerChunkPassWhenHigherOnesFillTheBudget() throws Exception {
    start(2, 10);
    reader.addSplits(List.of(split(5, 10)));
    reader.isAvailable().get();
    reader.addSplits(List.of(split(3, 10)));

    assertThat(pollUntil(2)).containsExactly(3L, 5L);
  }

  @Test
  void snapshotsWhatItHasNotEmitted() throws Exception {
    start(2, 1000);
    reader.addSplits(List.of(split(2, 5, 5), split(0, 5, 5), split(1, 5, 5)));
    pollUntil(1);

    assertThat(reader.snapshotState(1)).extracting(ChunkSplit::chunk).containsExactly(1L, 2L);
  }

  @Test
  void tellsThatABarrierHasPassedWhenItIsPolledNext() throws Exception {
    start(2, 1000);
    CompletableFuture<Void> idle = reader.isAvailable();
    reader.snapshotState(3);
    assertThat(context.events).hasSize(1);
    assertThat(idle).isDone();
    assertThat(reader.isAvailable()).isDone();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    assertThat(context.events).endsWith(new BarrierPassed(3)).hasSize(2);
    assertThat(reader.isAvailable()).isNotDone();
  }

  @Test
  void endsWhenItIsToldSo() throws Exception {
    start(2, 1000);
    CompletableFuture<Void> idle = reader.isAvailable();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    assertThat(idle).isNotDone();
    reader.notifyNoMoreSplits();

    assertThat(idle).isDone();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.END_OF_INPUT);
  }

  @Test
  void failsTheTaskWhenStorageIsAway() throws Exception {
    start(2, 1000);
    ChunkSplit split = split(0, 5, 5);
    FlakyFileSystem.onOpen(
        path -> {
          throw new IOException("connection refused");
        });
    reader.addSplits(List.of(split));
    reader.isAvailable().get();

    assertThatThrownBy(() -> reader.pollNext(output))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("cannot read flaky:.*jpg in 2 attempts: connection refused");
    assertThat(context.events).as("so that no image is blamed").endsWith(new StorageFailed());
    assertThat(reader.snapshotState(1)).containsExactly(split);
  }

  @Test
  void emitsFilesDeletedSinceTheListingAsFailed() throws Exception {
    start(2, 1000);
    ChunkSplit split = split(0, 5, 5);
    reader.handleSourceEvents(new CatalogRoots(List.of("flaky:" + folder)));
    Files.delete(Path.of(split.images().get(0).uri().substring("flaky:".length())));
    reader.addSplits(List.of(split));
    pollUntil(1);

    assertThat(output.chunks.get(0).images())
        .extracting(image -> image.failure())
        .containsExactly("deleted since it was listed", null);
    assertThat(context.events).endsWith(new ChunkEmitted(0, List.of(0L)));
  }

  @Test
  void tellsWhatItFoundReplacedButNotWhatItWasTold() throws Exception {
    start(2, 1000);
    ChunkSplit split = split(0, 5, 5, 5);
    Files.writeString(Path.of(split.images().get(1).uri().substring("flaky:".length())), "other x");
    List<ImageRef> images = new ArrayList<>(split.images());
    images.set(2, images.get(2).withProblem(RejectedImage.GONE_EARLY));
    images.set(0, images.get(0).withProblem("bad"));
    reader.addSplits(List.of(new ChunkSplit(0, 0, 0, images)));
    pollUntil(1);

    assertThat(context.events).endsWith(new ChunkEmitted(0, List.of(1L)));
  }

  @Test
  void endsItsThreadsWhenItIsClosed() throws Exception {
    holdOpens();
    start(3, 1000);
    reader.addSplits(List.of(split(0, 5, 5, 5)));
    await().until(() -> opened.get() == 3);
    assertThat(threads()).hasSizeGreaterThanOrEqualTo(3);
    reader.close();

    assertThat(threads()).isEmpty();
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("chunk-fetcher-0"))
        .toList();
  }

  private void holdOpens() {
    FlakyFileSystem.onOpen(
        path -> {
          opened.incrementAndGet();
          try {
            gate.await();
          } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
          }
        });
  }

  private void start(int concurrency, long bytesInFlight) {
    reader =
        new ChunkReader(
            context,
            new FetchConfig(
                concurrency,
                bytesInFlight,
                10_000,
                2,
                Duration.ofMillis(1),
                Duration.ofSeconds(60),
                10),
            5,
            ChunkTrial.NONE);
    reader.start();
  }

  private ChunkSplit split(long chunk, int... lengths) throws IOException {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      Path file = folder.resolve("%d-%d.jpg".formatted(chunk, i));
      Files.writeString(file, "x".repeat(lengths[i]));
      images.add(new ImageRef(chunk * 10 + i, "flaky:" + file, 0, lengths[i]));
    }
    return new ChunkSplit(chunk, 0, chunk * CHUNK_IMAGES, images);
  }

  private List<Long> pollUntil(int chunks) throws Exception {
    while (output.chunks.size() < chunks) {
      if (reader.pollNext(output) == InputStatus.NOTHING_AVAILABLE
          && output.chunks.size() < chunks) {
        reader.isAvailable().get();
      }
    }
    return output.chunks.stream().map(EncodedChunk::index).toList();
  }
}
