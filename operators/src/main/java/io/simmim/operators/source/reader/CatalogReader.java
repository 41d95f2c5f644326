package io.simmim.operators.source.reader;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.FetchMetrics;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.ImagesInTurn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * Reads the images of a catalog once and in its order, without a job: with the retries, the limits
 * and the bytes in flight of a source reader. Chunk i holds those from i · m to i · m + m - 1 that
 * are wanted; the others are not fetched.
 *
 * <p>Large chunks, of which a source reader hands over the images one after the other, are handed
 * over whole as long as those that are out take at most an eighth of the heap together. The images
 * of a further one come one after the other ({@link ImagesInTurn}): asking for one throws an {@link
 * UncheckedIOException} if storage is away, and nobody gets another chunk meanwhile.
 *
 * <p>Thread-safe: each chunk goes to one caller, who calls {@link EncodedChunk#done}.
 */
public final class CatalogReader implements AutoCloseable {
  private static final int SHARE_OF_HEAP = 8;

  private final Catalog catalog;
  private final int chunkImages;
  private final int chunksAhead;
  private final LongPredicate wanted;
  private final long maxObjectBytes;
  private final long room;
  private final ChunkFetcher fetcher;
  private long next;

  /** Bytes of the large chunks that are out as a whole. */
  private long bytesOut;

  /** Whether one is out whose images come one after the other. */
  private boolean inTurn;

  /** Reads all images. */
  public CatalogReader(Catalog catalog, FetchConfig config, int chunkImages) {
    this(catalog, config, chunkImages, id -> true);
  }

  /**
   * Reads some of the images.
   *
   * @param chunkImages images m of a chunk
   * @param wanted which images, by their numbers
   */
  public CatalogReader(Catalog catalog, FetchConfig config, int chunkImages, LongPredicate wanted) {
    this(catalog, config, chunkImages, wanted, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /**
   * The same with other room.
   *
   * @param room bytes that large chunks take together
   */
  CatalogReader(
      Catalog catalog, FetchConfig config, int chunkImages, LongPredicate wanted, long room) {
    this.catalog = catalog;
    this.chunkImages = chunkImages;
    this.wanted = wanted;
    this.room = room;
    maxObjectBytes = config.maxObjectBytes();
    chunksAhead = config.chunksPerReader(Shuffle.SAMPLE, chunkImages);
    StorageProbe probe = new StorageProbe();
    probe.setRoots(new CatalogRoots(catalog.roots()));
    fetcher = new ChunkFetcher(config, probe, new FetchMetrics(), "catalog-reader");
  }

  private long chunks() {
    return (catalog.size() + chunkImages - 1) / chunkImages;
  }

  /**
   * The next chunk, or nothing behind the last one. An image that cannot be read carries the
   * reason.
   *
   * @throws IOException if storage is away
   */
  public synchronized Optional<EncodedChunk> next() throws IOException {
    try {
      while (inTurn) {
        wait();
      }
      while (true) {
        addAhead();
        EncodedChunk chunk = fetcher.poll();
        if (chunk != null) {
          return Optional.of(handedOut(chunk));
        }
        if (!fetcher.isBusy()) {
          return Optional.empty();
        }
        fetcher.available().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("what is available is never a failure", e);
    }
  }

  private EncodedChunk handedOut(EncodedChunk chunk) {
    if (!(chunk.images() instanceof ImagesInTurn images)) {
      return chunk;
    }
    long bytes = bytes(chunk);
    if (bytes > room - bytesOut) {
      inTurn = true;
      return chunk.withImages(new HandedOut(images, 0));
    }
    List<EncodedImage> whole = List.copyOf(images);
    images.end();
    bytesOut += bytes;
    return chunk.withImages(new HandedOut(whole, bytes));
  }

  /** Of the images that are read. */
  private long bytes(EncodedChunk chunk) {
    long first = chunk.index() * chunkImages;
    return LongStream.range(first, Math.min(first + chunkImages, catalog.size()))
        .filter(wanted)
        .map(id -> catalog.ref(id).length())
        .filter(length -> length <= maxObjectBytes)
        .sum();
  }

  /** The images of a large chunk. */
  private final class HandedOut extends ImagesInTurn {
    private final List<EncodedImage> images;
    private final long bytes;
    private boolean ended;

    /**
     * @param images of the fetcher one after the other, or all of them
     * @param bytes of them if they are all
     */
    HandedOut(List<EncodedImage> images, long bytes) {
      this.images = images;
      this.bytes = bytes;
    }

    @Override
    public EncodedImage get(int place) {
      return images.get(place);
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public void end() {
      synchronized (CatalogReader.this) {
        if (ended) {
          return;
        }
        ended = true;
        bytesOut -= bytes;
        if (images instanceof ImagesInTurn ofFetcher) {
          ofFetcher.end();
          inTurn = false;
          CatalogReader.this.notifyAll();
        }
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
      if (wanted.test(id)) {
        images.add(catalog.ref(id));
      }
    }
    return new ChunkSplit(chunk, 0, first, images);
  }

  @Override
  public void close() {
    fetcher.close();
  }
}
