package io.simmim.operators.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.LargeImages;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.ImageRef;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChunkFetcherRoomTest {
  private static final int IMAGE = 200 << 10;

  /** Of this test alone. */
  private static final long LIMIT = (300 << 10) + 7;

  @TempDir private Path folder;

  /** As when a job is cancelled: the room is shared by all jobs of the JVM. */
  @Test
  void givesRoomBackThatItGotWhenItWasInterrupted() throws Exception {
    Path file = Files.write(folder.resolve("a.jpg"), new byte[IMAGE]);
    StorageProbe probe = new StorageProbe();
    probe.setRoots(new CatalogRoots(List.of("file:" + folder)));
    FetchConfig config =
        new FetchConfig(1, 100 << 10, LIMIT, 2, Duration.ofMillis(1), Duration.ofSeconds(60), 10);
    LargeImages room = LargeImages.shared(LIMIT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    room.take(LIMIT);
    try (ChunkFetcher fetcher = new ChunkFetcher(config, probe, new FetchMetrics(), "test")) {
      ImageRef image = new ImageRef(0, "file:" + file, 0, IMAGE);
      fetcher.add(List.of(new ChunkSplit(0, 0, 0, List.of(image))));
      EncodedChunk chunk = fetcher.poll();
      Thread task = new Thread(() -> chunk.images().get(0), "test-task");
      task.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
      task.start();
      ReentrantLock lock = lock(fetcher);
      await(() -> task.getState() == Thread.State.WAITING && !lock.hasQueuedThread(task));
      lock.lock();
      try {
        room.giveBack(LIMIT);
        await(() -> lock.hasQueuedThread(task));
        task.interrupt();
      } finally {
        lock.unlock();
      }
      task.join();
    }

    assertThat(failure.get()).hasMessage("interrupted while waiting for an image");
    Thread next = new Thread(() -> takeAll(room), "test-next");
    next.setDaemon(true);
    next.start();
    next.join(10_000);
    assertThat(next.isAlive()).as("waits for room").isFalse();
    room.giveBack(LIMIT);
  }

  private static void takeAll(LargeImages room) {
    try {
      room.take(LIMIT);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().pollInterval(Duration.ofMillis(1)).until(condition);
  }

  private static ReentrantLock lock(ChunkFetcher fetcher) throws ReflectiveOperationException {
    Field field = ChunkFetcher.class.getDeclaredField("lock");
    field.setAccessible(true);
    return (ReentrantLock) field.get(fetcher);
  }
}
