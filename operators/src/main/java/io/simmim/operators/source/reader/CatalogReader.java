package io.simmim.operators.source.reader;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Reads the images of a catalog once and in its order, without a job: with the retries, the limits
 * and the bytes in flight of a source reader. Chunk i holds the images from i · m on; only the last
 * one may be shorter.
 *
 * <p>Thread-safe: each chunk goes to one caller.
 */
public final class CatalogReader implements AutoCloseable {
  private final Catalog catalog;
  private final int chunkImages;
  private final int chunksAhead;
  private final ChunkFetcher fetcher;
  private long next;

  /**
   * @param chunkImages images m of a chunk
   */
  public CatalogReader(Catalog catalog, FetchConfig config, int chunkImages) {
    this.catalog = catalog;
    this.chunkImages = chunkImages;
    chunksAhead = config.chunksPerReader(Shuffle.SAMPLE, chunkImages);
    StorageProbe probe = new StorageProbe();
    probe.setRoots(new CatalogRoots(catalog.roots()));
    fetcher = new ChunkFetcher(config, probe, new FetchMetrics(), "catalog-reader");
  }

  /** Number of chunks. */
  public long chunks() {
    return (catalog.size() + chunkImages - 1) / chunkImages;
  }

  /**
   * The next chunk, all of it, or nothing behind the last one. An image that cannot be read carries
   * the reason.
   *
   * @throws IOException if storage is away
   */
  public synchronized Optional<EncodedChunk> next() throws IOException {
    while (true) {
      addAhead();
      EncodedChunk chunk = fetcher.poll();
      if (chunk != null) {
        return Optional.of(chunk.withImages(List.copyOf(chunk.images())));
      }
      if (!fetcher.isBusy()) {
        return Optional.empty();
      }
      try {
        fetcher.available().get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (ExecutionException e) {
        throw new IllegalStateException("what is available is never a failure", e);
      }
    }
  }

  private void addAhead() {
    List<ChunkSplit> splits = new ArrayList<>();
    for (; next < chunks() && fetcher.held() + splits.size() < chunksAhead; next++) {
      splits.add(split(next));
    }
    fetcher.add(splits);
  }

  private ChunkSplit split(long chunk) {
    long first = chunk * chunkImages;
    List<ImageRef> images = new ArrayList<>();
    for (long id = first; id < Math.min(first + chunkImages, catalog.size()); id++) {
      images.add(catalog.ref(id));
    }
    return new ChunkSplit(chunk, 0, first, images);
  }

  @Override
  public void close() {
    fetcher.close();
  }
}
