package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.CatalogBuilder;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.ListingNotes.Kind;
import io.simmim.operators.catalog.tar.ShardInput;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.catalog.tar.TarShard;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.Path;

/**
 * Builds a catalog from objects and shards in ascending order. Shards are indexed by a pool of
 * daemon threads; what comes behind one waits in compact form until it is its turn, and at most
 * twice as many shards wait as are indexed at once.
 *
 * <p>Used by one thread. Closing it stops what is still being indexed.
 */
final class CatalogQueue implements AutoCloseable {
  private final ShardReading reading;
  private final FolderLister lister;
  private final ListingNotes notes;
  private final CatalogBuilder images = new CatalogBuilder();
  private final Queue<Part> waiting = new ArrayDeque<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private ExecutorService threads;
  private CatalogBuilder behindShards;
  private int shardsWaiting;

  /**
   * @param lister shows what else is in the folder of a shard that is gone
   * @param notes takes what is to be told of shards
   */
  CatalogQueue(ShardReading reading, FolderLister lister, ListingNotes notes) {
    this.reading = reading;
    this.lister = lister;
    this.notes = notes;
  }

  /** Appends an object that is an image. */
  void addImage(String uri, long length) throws IOException {
    last().add(uri, length);
  }

  /** Appends something that may hold images and cannot be read. */
  void addUnusable(String uri, String problem) throws IOException {
    last().add(uri, 0, 0, "", problem);
  }

  private CatalogBuilder last() {
    if (waiting.isEmpty()) {
      return images;
    }
    if (behindShards == null) {
      behindShards = new CatalogBuilder();
      waiting.add(new Part(CompletableFuture.completedFuture(behindShards), new ListingNotes(), 0));
    }
    return behindShards;
  }

  /** Appends the images in a shard. */
  void addShard(String uri, long length) throws IOException {
    while (shardsWaiting >= 2 * reading.concurrency()) {
      takeFirst();
    }
    if (threads == null) {
      threads =
          Executors.newFixedThreadPool(
              reading.concurrency(),
              task -> {
                Thread thread = new Thread(task, "shard-indexer");
                thread.setDaemon(true);
                return thread;
              });
    }
    ListingNotes own = new ListingNotes();
    waiting.add(new Part(threads.submit(() -> index(uri, length, own)), own, 1));
    behindShards = null;
    shardsWaiting++;
  }

  private CatalogBuilder index(String uri, long length, ListingNotes own) throws IOException {
    Path path = new Path(uri);
    try (ShardInput input = new ShardInput(path, length, reading, cancelled)) {
      return TarShard.index(uri, input, own);
    } catch (IOException e) {
      if (!StorageFailure.isMissing(e) || !isDeleted(path)) {
        // Nobody could tell how many images are missing.
        throw ShardReading.named(uri, e);
      }
      own.add(Kind.VANISHED, uri);
      return new CatalogBuilder();
    }
  }

  /**
   * Whether a shard is not in its folder any more. The folder must still hold something: a disk
   * that was taken away leaves an empty one.
   */
  private boolean isDeleted(Path shard) throws IOException {
    List<FolderLister.Child> beside = lister.children(shard.getParent());
    return !beside.isEmpty()
        && beside.stream().noneMatch(child -> child.name().equals(shard.getName()));
  }

  /** Waits for all shards and returns everything that was added. */
  CatalogBuilder finish() throws IOException {
    while (!waiting.isEmpty()) {
      takeFirst();
    }
    return images;
  }

  private void takeFirst() throws IOException {
    Part first = waiting.remove();
    try {
      images.addAll(first.images.get());
      notes.addAll(first.notes);
      shardsWaiting -= first.shards;
      if (waiting.isEmpty()) {
        behindShards = null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw new IOException(failure.getMessage(), failure);
      }
      throw new IllegalStateException("a shard could not be indexed", e.getCause());
    }
  }

  @Override
  public void close() {
    cancelled.countDown();
    if (threads != null) {
      threads.shutdownNow();
    }
  }

  /**
   * @param notes on the images, complete when they are
   */
  private record Part(Future<CatalogBuilder> images, ListingNotes notes, int shards) {}
}
