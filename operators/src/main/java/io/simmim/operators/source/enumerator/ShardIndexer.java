package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivedObject;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.fetch.ObjectReader;
import io.simmim.operators.source.fetch.RangeOpener;
import io.simmim.operators.source.fetch.StorageProbe;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.random.KeyedPermutation;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * Finds the images of tar shards that arrive. A shard that was deleted, replaced, or may not be
 * read is one image that says so, and is rejected as an object that is an image would be. Storage
 * that is away is an error.
 *
 * <p>Thread-safe.
 */
public final class ShardIndexer {
  private final StorageProbe probe;
  private final ShardReading reading;
  private final long seed;
  private final RangeOpener opener = new RangeOpener();

  /**
   * @param probe knows the inputs
   * @param seed of the order in which the images of a shard are used
   */
  public ShardIndexer(StorageProbe probe, ShardReading reading, long seed) {
    this.probe = probe;
    this.reading = reading;
    this.seed = seed;
  }

  /**
   * The images of a shard, in the order of their use.
   *
   * @throws IOException if storage is away
   */
  public List<ImageRef> members(Arrival shard) throws IOException {
    long refusedNanos;
    try {
      return index(shard);
    } catch (IOException e) {
      requireRefusal(e);
      refusedNanos = System.nanoTime();
    }
    try {
      probe.requireReachable(shard.uri(), refusedNanos);
    } catch (IOException e) {
      // Who may only read objects is refused here too, and nothing else is read from here.
      if (!isDenied(shard.uri())) {
        throw e;
      }
    }
    // Storage answers now; it may not have a moment ago.
    try {
      return index(shard);
    } catch (IOException e) {
      requireRefusal(e);
      return List.of(new ImageRef(0, shard.uri(), 0, 0, "", ObjectReader.reason(e)));
    }
  }

  private static void requireRefusal(IOException failure) throws IOException {
    if (!StorageFailure.isRefusal(failure)) {
      throw failure;
    }
  }

  private List<ImageRef> index(Arrival shard) throws IOException {
    Catalog members = CatalogLister.indexShard(shard.uri(), shard.length(), reading);
    probe.answered(shard.uri());
    KeyedPermutation order = new KeyedPermutation(seed, 0, Math.max(1, members.size()));
    return ArrivedObject.members(members, order::imageAt);
  }

  /** Whether the object itself is what may not be read, as the answer to reading it tells. */
  private boolean isDenied(String uri) {
    Path path = new Path(uri);
    try (InputStream in = opener.open(path.getFileSystem(), path, 0, 1)) {
      in.read();
      return false;
    } catch (IOException e) {
      return StorageFailure.isDenial(e);
    }
  }
}
