package io.simmim.operators.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.FakeReaderContext;
import io.simmim.operators.source.FakeReaderOutput;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.ImagesRefused;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.ImagesInTurn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.flink.core.io.InputStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chunks of which not all images may be in memory at once. Bytes count as in memory from the moment
 * in which a file is opened, when there is an array for them, until the next image is asked for.
 */
@Timeout(60)
class LargeChunkTest {
  private static final int KIB = 1024;
  private static final int BUDGET = 100 * KIB;
  private static final int LARGEST = 300 * KIB;

  @TempDir Path folder;
  private final AtomicLong live = new AtomicLong();
  private final AtomicLong mostLive = new AtomicLong();
  private final List<Reading> readings = new ArrayList<>();

  @BeforeEach
  void countWhatIsOpened() {
    FlakyFileSystem.onOpen(
        path -> {
          long now = live.addAndGet(Files.size(Path.of(path.getPath())));
          mostLive.accumulateAndGet(now, Math::max);
        });
  }

  @AfterEach
  void close() {
    readings.forEach(reading -> reading.reader.close());
    FlakyFileSystem.reset();
  }

  /** A reader with a task that looks at the images of its chunks as a decoder does. */
  private final class Reading extends FakeReaderOutput {
    private final FakeReaderContext context = new FakeReaderContext();
    private final ChunkReader reader;
    private final Consumer<EncodedChunk> emitting;
    private final List<String> seen = new ArrayList<>();

    Reading(ChunkTrial trial, Consumer<EncodedChunk> emitting) {
      this.emitting = emitting;
      FetchConfig config =
          new FetchConfig(8, BUDGET, LARGEST, 2, Duration.ofMillis(1), Duration.ofSeconds(60), 10);
      reader = new ChunkReader(context, config, 5, trial);
      reader.start();
      readings.add(this);
    }

    @Override
    public void collect(EncodedChunk chunk) {
      super.collect(chunk);
      for (int i = 0; i < chunk.images().size(); i++) {
        EncodedImage image = chunk.images().get(i);
        seen.add(
            image.failure() != null
                ? image.failure()
                : new String(image.bytes(), StandardCharsets.UTF_8));
        live.addAndGet(-image.bytes().length);
      }
      chunk.done();
      emitting.accept(chunk);
    }

    Reading read(int chunks) throws Exception {
      while (this.chunks.size() < chunks) {
        if (reader.pollNext(this) == InputStatus.NOTHING_AVAILABLE && this.chunks.size() < chunks) {
          reader.isAvailable().get();
        }
      }
      return this;
    }
  }

  private Reading reading() {
    return new Reading(ChunkTrial.NONE, chunk -> {});
  }

  private ChunkSplit split(long chunk, int... kib) throws IOException {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < kib.length; i++) {
      Path file = folder.resolve("%d-%d.jpg".formatted(chunk, i));
      Files.writeString(file, text(chunk, i, kib[i]));
      images.add(new ImageRef(chunk * 100 + i, "flaky:" + file, 0, kib[i] * KIB));
    }
    return new ChunkSplit(chunk, 0, chunk * 100, images);
  }

  private static String text(long chunk, int image, int kib) {
    return Character.toString('a' + (int) (chunk * 7 + image) % 26).repeat(kib * KIB);
  }

  @Test
  void imagesThatExceedTheBudgetTogetherStayWithinItOneAfterTheOther() throws Exception {
    Reading reading = reading();
    reading.reader.addSplits(
        List.of(split(0, 60, 30, 60, 10, 90, 5, 60, 60), split(1, 40, 40, 40), split(2, 1, 1)));
    reading.read(3);

    assertThat(reading.seen)
        .containsExactly(
            text(0, 0, 60),
            text(0, 1, 30),
            text(0, 2, 60),
            text(0, 3, 10),
            text(0, 4, 90),
            text(0, 5, 5),
            text(0, 6, 60),
            text(0, 7, 60),
            text(1, 0, 40),
            text(1, 1, 40),
            text(1, 2, 40),
            text(2, 0, 1),
            text(2, 1, 1));
    assertThat(mostLive.get()).isLessThanOrEqualTo(BUDGET);
  }

  @Test
  void imagesThatExceedItAloneTakeTheRoomOfOne() throws Exception {
    Reading reading = reading();
    reading.reader.addSplits(List.of(split(0, 300, 300, 20, 250), split(1, 90, 300, 90)));
    reading.read(2);

    assertThat(reading.seen).hasSize(7).contains(text(0, 1, 300), text(1, 1, 300));
    assertThat(mostLive.get()).isLessThanOrEqualTo(BUDGET + LARGEST);
  }

  @Test
  void readersOfAProcessShareTheRoomForImagesThatExceedTheirBudgets() throws Exception {
    int readers = 4;
    List<CompletableFuture<Reading>> done = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      Reading reading = reading();
      reading.reader.addSplits(
          List.of(split(10L * i, 200, 200, 200, 200), split(10L * i + 1, 200, 60, 200)));
      done.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return reading.read(2);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }

    for (CompletableFuture<Reading> reading : done) {
      assertThat(reading.get().seen).hasSize(7);
    }
    assertThat(mostLive.get()).isLessThanOrEqualTo(readers * BUDGET + LARGEST);
  }

  /** It may wait there for the other one: for a barrier, or for the chunk that is next. */
  @Test
  void aReaderThatEmitsKeepsNobodyFromReading() throws Exception {
    CountDownLatch otherIsDone = new CountDownLatch(1);
    Reading first =
        new Reading(
            ChunkTrial.NONE,
            chunk -> {
              try {
                otherIsDone.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    first.reader.addSplits(List.of(split(0, 300, 300), split(1, 300)));
    CompletableFuture<Void> emitting =
        CompletableFuture.runAsync(
            () -> {
              try {
                first.read(2);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    Reading second = reading();
    second.reader.addSplits(List.of(split(2, 300, 300)));

    assertThat(second.read(1).seen).hasSize(2);
    otherIsDone.countDown();
    emitting.get();
    assertThat(first.seen).hasSize(3);
  }

  @Test
  void storageThatGoesAwayFailsTheTaskAndNotAnImage() throws Exception {
    Reading reading = reading();
    reading.reader.addSplits(List.of(split(0, 90, 90)));
    FlakyFileSystem.onOpen(
        path -> {
          if (path.getName().equals("0-1.jpg")) {
            throw new IOException("connection refused");
          }
        });

    assertThatThrownBy(() -> reading.read(1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageMatching("cannot read flaky:.*0-1.jpg in 2 attempts: connection refused");
  }

  @Test
  void suspectsAreTriedOneAfterTheOther() throws Exception {
    List<Integer> tried = new ArrayList<>();
    Reading reading =
        new Reading(
            chunk -> {
              tried.add(chunk.images().size());
              long id = chunk.images().get(0).ref().sampleId();
              return id == 1 ? Map.of(id, "ended the process") : Map.of();
            },
            chunk -> {});
    List<ImageRef> images = split(0, 200, 200, 200).images();
    reading.reader.addSplits(List.of(new ChunkSplit(0, 0, 0, images, true)));
    reading.read(1);

    assertThat(tried).containsExactly(1, 1, 1);
    assertThat(reading.seen).containsExactly(text(0, 0, 200), "ended the process", text(0, 2, 200));
    assertThat(reading.context.events).contains(new ImagesRefused(Map.of(1L, "ended the process")));
  }

  @Test
  void givesUpTheBytesOfWhatWasLookedAt() throws Exception {
    Reading reading = reading();
    reading.reader.addSplits(List.of(split(0, 90, 90)));
    EncodedChunk chunk = reading.read(1).chunks.get(0);

    assertThat(chunk.images()).isInstanceOf(ImagesInTurn.class);
    assertThat(chunk.images()).allMatch(image -> image.bytes().length == 0);
    assertThat(chunk.images()).extracting(image -> image.ref().sampleId()).containsExactly(0L, 1L);
  }
}
