package io.simmim.operators.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.FlakyFileSystem;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chunks of four images of 40 KiB, or half as much, in a budget of 100 KiB: those of 160 KiB are
 * large. Bytes count as in memory from the moment in which a file is opened until its chunk is done
 * with, or until the next image is asked for where they come one after the other.
 */
@Timeout(60)
class CatalogReaderTest {
  private static final int KIB = 1024;
  private static final int CHUNK = 4;
  private static final int CHUNKS = 6;
  private static final long BUDGET = 100 * KIB;
  private static final long LARGE = 160 * KIB;

  @TempDir Path folder;
  private final AtomicLong live = new AtomicLong();
  private final AtomicLong mostLive = new AtomicLong();
  private final Set<String> opened = new ConcurrentSkipListSet<>();

  @BeforeEach
  void countWhatIsOpened() {
    FlakyFileSystem.onOpen(
        path -> {
          opened.add(path.getName());
          long now = live.addAndGet(Files.size(Path.of(path.getPath())));
          mostLive.accumulateAndGet(now, Math::max);
        });
  }

  @AfterEach
  void reset() {
    FlakyFileSystem.reset();
  }

  private Catalog catalog(int kib) throws IOException {
    List<ImageRef> images = new ArrayList<>();
    for (int i = 0; i < CHUNK * CHUNKS; i++) {
      Path file = folder.resolve("%02d.jpg".formatted(i));
      Files.writeString(file, text(i, kib));
      images.add(new ImageRef(i, "flaky:" + file, 0, kib * KIB));
    }
    return Catalog.of(images, List.of("flaky:" + folder));
  }

  private static String text(long image, int kib) {
    return Character.toString('a' + (int) image).repeat(kib * KIB);
  }

  private CatalogReader reader(Catalog catalog, LongPredicate wanted, long room) {
    FetchConfig fetch =
        new FetchConfig(8, BUDGET, BUDGET, 2, Duration.ofMillis(1), Duration.ofSeconds(60), 10);
    return new CatalogReader(catalog, fetch, CHUNK, wanted, room);
  }

  /** Texts by the numbers of images, as several threads see them. */
  private ConcurrentSkipListMap<Long, String> read(CatalogReader reader, int threads)
      throws Exception {
    ConcurrentSkipListMap<Long, String> seen = new ConcurrentSkipListMap<>();
    Callable<Void> work =
        () -> {
          for (Optional<EncodedChunk> chunk = reader.next();
              chunk.isPresent();
              chunk = reader.next()) {
            see(chunk.get(), seen);
          }
          return null;
        };
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      for (Future<Void> done : workers.invokeAll(Collections.nCopies(threads, work))) {
        done.get();
      }
    } finally {
      workers.shutdownNow();
    }
    return seen;
  }

  private void see(EncodedChunk chunk, ConcurrentSkipListMap<Long, String> seen) {
    for (int i = 0; i < chunk.images().size(); i++) {
      EncodedImage image = chunk.images().get(i);
      seen.put(image.ref().sampleId(), new String(image.bytes(), StandardCharsets.UTF_8));
      live.addAndGet(-image.bytes().length);
    }
    chunk.done();
    chunk.done(); // as one that is done already
  }

  private static void assertWhole(ConcurrentSkipListMap<Long, String> seen, int kib) {
    assertThat(seen).hasSize(CHUNK * CHUNKS);
    seen.forEach((id, text) -> assertThat(text).isEqualTo(text(id, kib)));
  }

  @Test
  void imagesOfLargeChunksComeOneAfterTheOtherWhereThereIsNoRoom() throws Exception {
    try (CatalogReader reader = reader(catalog(40), id -> true, LARGE - 1)) {
      assertWhole(read(reader, 4), 40);
    }
    assertThat(mostLive.get()).isLessThanOrEqualTo(BUDGET);
  }

  /** So that threads decode at the same time. */
  @Test
  void largeChunksAreHandedOverWholeAsLongAsThereIsRoom() throws Exception {
    try (CatalogReader reader = reader(catalog(40), id -> true, 2 * LARGE)) {
      EncodedChunk first = reader.next().orElseThrow();
      EncodedChunk second = reader.next().orElseThrow();
      EncodedChunk third = reader.next().orElseThrow();
      ConcurrentSkipListMap<Long, String> seen = new ConcurrentSkipListMap<>();
      see(third, seen);
      EncodedChunk fourth = reader.next().orElseThrow();
      see(fourth, seen);
      see(second, seen);
      see(first, seen);
      assertThat(seen).hasSize(4 * CHUNK);
      seen.putAll(read(reader, 3));
      assertWhole(seen, 40);
    }
  }

  @Test
  void smallChunksNeedNoRoom() throws Exception {
    try (CatalogReader reader = reader(catalog(10), id -> true, 0)) {
      assertWhole(read(reader, 4), 10);
    }
  }

  @Test
  void whatIsNotWantedIsNotFetchedAndChunksStayWhereTheyAre() throws Exception {
    try (CatalogReader reader = reader(catalog(10), id -> id == 1 || id >= 18, 0)) {
      List<Integer> sizes = new ArrayList<>();
      for (Optional<EncodedChunk> chunk = reader.next(); chunk.isPresent(); chunk = reader.next()) {
        assertThat(chunk.get().index()).isEqualTo(sizes.size());
        sizes.add(chunk.get().images().size());
      }
      assertThat(sizes).containsExactly(1, 0, 0, 0, 2, 4);
    }
    assertThat(opened)
        .containsExactly("01.jpg", "18.jpg", "19.jpg", "20.jpg", "21.jpg", "22.jpg", "23.jpg");
  }

  /** Whoever catches that knows that no image is to blame. */
  @Test
  void storageThatIsAwayIsAnErrorOfStorageAlsoInLargeChunks() throws Exception {
    Catalog catalog = catalog(40);
    FlakyFileSystem.onOpen(
        path -> {
          if (path.getName().equals("02.jpg")) { // two find room in the budget
            throw new IOException("connection refused");
          }
        });
    try (CatalogReader reader = reader(catalog, id -> true, 2 * LARGE)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("connection refused");
    }
  }
}
