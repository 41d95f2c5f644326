package io.simmim.operators.arrival;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.Listing;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.KeyedPermutation;
import io.simmim.schemas.PrintableText;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds new objects by listing the inputs at an interval. What a listing shows and the one before
 * it did not, arrives in random order, so that neighbours in a folder do not all meet in one batch.
 * An object that was replaced is noticed if its length has changed; one that is gone is not.
 *
 * <p>A listing that fails is logged, counted, and repeated after the interval.
 */
public final class ListingFeed implements ArrivalFeed {
  private static final Logger LOG = LoggerFactory.getLogger(ListingFeed.class);
  private static final String LISTED = "l:";
  private static final String ORIGIN = "listing";

  /** Arrivals per batch. */
  static final int BATCH = 1000;

  private final List<String> inputs;
  private final List<String> excludedFolders;
  private final Duration interval;
  private final long seed;
  private Catalog listed;
  private PrimitiveIterator.OfLong news = LongStream.empty().iterator();
  private long listedMillis;
  private long nextNanos = System.nanoTime();

  /**
   * @param inputs folders or files on any Flink file system
   * @param excludedFolders folders below them that are left out
   * @param interval from the end of a listing to the beginning of the next one
   * @param seed of the order in which new objects arrive
   */
  public ListingFeed(
      List<String> inputs, List<String> excludedFolders, Duration interval, long seed) {
    this.inputs = List.copyOf(inputs);
    this.excludedFolders = List.copyOf(excludedFolders);
    this.interval = interval;
    this.seed = seed;
  }

  /** Whether a version is one of this feed's. */
  static boolean isListed(String version) {
    return version.startsWith(LISTED);
  }

  @Override
  public ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException {
    if (!news.hasNext()) {
      long wait = nextNanos - System.nanoTime();
      if (wait > timeout.toNanos()) {
        Thread.sleep(timeout.toMillis());
        return batch(List.of(), Map.of());
      }
      Thread.sleep(Math.max(0, wait / 1_000_000));
      try {
        list();
      } catch (UserError e) {
        LOG.warn("Listing the inputs failed; tried again after {}: {}", interval, e.getMessage());
        return batch(List.of(), Map.of("listing failed", 1L));
      } finally {
        nextNanos = System.nanoTime() + interval.toNanos();
      }
    }
    List<Arrival> arrivals = new ArrayList<>();
    long unreadable = 0;
    while (news.hasNext() && arrivals.size() < BATCH) {
      ImageRef object = listed.ref(news.nextLong());
      if (object.problem().isEmpty()) {
        arrivals.add(arrival(object));
      } else {
        LOG.warn("{}: {}", PrintableText.of(object.name()), object.problem());
        unreadable++;
      }
    }
    return batch(arrivals, unreadable == 0 ? Map.of() : Map.of("unreadable name", unreadable));
  }

  private static ArrivalBatch batch(List<Arrival> arrivals, Map<String, Long> skipped) {
    return new ArrivalBatch(arrivals, Map.of(), skipped);
  }

  private Arrival arrival(ImageRef object) {
    return new Arrival(
        Arrival.Kind.CREATED,
        object.uri(),
        object.length(),
        LISTED + object.length(),
        listedMillis,
        ORIGIN);
  }

  private void list() {
    long started = System.currentTimeMillis();
    Listing listing = Catalog.listObjects(inputs, excludedFolders);
    if (listed == null) {
      listing.notes().forEach(LOG::warn);
    }
    Catalog now = listing.catalog();
    long[] found = notIn(listed, now);
    listed = now;
    listedMillis = started;
    if (found.length == 0) {
      return;
    }
    LOG.info("{} objects are there, {} of them new", now.size(), found.length);
    KeyedPermutation order = new KeyedPermutation(seed, 0, found.length);
    news =
        LongStream.range(0, found.length)
            .map(position -> found[(int) order.imageAt(position)])
            .iterator();
  }

  /** Numbers of the objects in a listing that are not in the one before; both are sorted. */
  private static long[] notIn(Catalog before, Catalog now) {
    if (before == null) {
      return LongStream.range(0, now.size()).toArray();
    }
    LongStream.Builder found = LongStream.builder();
    long old = 0;
    ImageRef known = old < before.size() ? before.ref(old) : null;
    for (long id = 0; id < now.size(); id++) {
      ImageRef object = now.ref(id);
      while (known != null && compare(known.uri(), object.uri()) < 0) {
        known = ++old < before.size() ? before.ref(old) : null;
      }
      boolean same =
          known != null && known.uri().equals(object.uri()) && known.length() == object.length();
      if (!same) {
        found.add(id);
      }
    }
    return found.build().toArray();
  }

  /** As catalogs are sorted: by the bytes of UTF-8, which is by code points. */
  static int compare(String one, String other) {
    int length = Math.min(one.length(), other.length());
    for (int i = 0; i < length; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        // Surrogates stand for code points above all others.
        return Character.isSurrogate(a) == Character.isSurrogate(b)
            ? Character.compare(a, b)
            : Character.isSurrogate(a) ? 1 : -1;
      }
    }
    return Integer.compare(one.length(), other.length());
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
