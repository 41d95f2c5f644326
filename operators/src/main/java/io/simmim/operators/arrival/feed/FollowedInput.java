package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ListedVersion;
import io.simmim.operators.arrival.UnsortedImages;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.random.KeyedPermutation;
import io.simmim.schemas.text.PrintableText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One input that is listed again and again: what came and what went since the listing before. The
 * first one is compared with what the log has.
 *
 * <p>A listing in which most of what was there is gone is not believed at once: it may be a disk
 * that is not mounted, or a store that answers nonsense. It counts when {@value #CONFIRMATIONS} in
 * a row say so. An input without anything counts as gone away and never as emptied, unless the
 * storage answers for it; see {@link ListingFeed.InputCheck}.
 *
 * <p>An object that a reader did not find, and that a later listing shows, has come again if it is
 * there: it was deleted and written anew, as long as before.
 *
 * <p>Not thread-safe, but for {@link #missed}.
 */
final class FollowedInput {
  static final int CONFIRMATIONS = 3;

  private static final Logger LOG = LoggerFactory.getLogger(FollowedInput.class);
  private static final String ORIGIN = "listing";

  private final String input;
  private final List<String> excludedFolders;
  private final long seed;
  private final ListingFeed.InputCheck check;
  private final Consumer<String> warn;

  /** The last listing that was believed; null if there is none. */
  private Catalog before;

  /** Objects that readers did not find, and when. */
  private final Map<String, Long> missed = new ConcurrentHashMap<>();

  /** Listings in a row that were not believed. */
  private int doubted;

  private boolean notesTold;

  private final ListingTrouble trouble;

  /**
   * @param input a qualified URI
   * @param log what the first listing is compared with; not used any more afterwards
   * @param warn takes lines for people
   */
  FollowedInput(
      String input,
      List<String> excludedFolders,
      long seed,
      ListingFeed.InputCheck check,
      ArrivalLog log,
      Consumer<String> warn)
      throws IOException {
    this.input = input;
    this.excludedFolders = excludedFolders;
    this.seed = seed;
    this.check = check;
    this.warn = warn;
    this.trouble = new ListingTrouble(input, warn);
    Catalog known = known(log);
    this.before = known.size() == 0 ? null : known;
  }

  /**
   * The objects of the input that a log has and that are not gone. Of those that are, a link to
   * nowhere is missed: it was listed with nothing in it, and was not there.
   */
  private Catalog known(ArrivalLog log) throws IOException {
    UnsortedImages objects = new UnsortedImages();
    ArrivedImage[] last = {null};
    log.forEachImage(
        (id, image) -> {
          boolean begins = last[0] == null || !image.cameWith(last[0]);
          if (begins && isInside(image.uri(), input)) {
            if (!log.isDeleted(id, log.chunks())) {
              objects.add(new ImageRef(0, image.uri(), 0, objectBytes(image)));
              missed.remove(image.uri());
            } else if (ListedVersion.matches(image.version()) && objectBytes(image) == 0) {
              missed.put(image.uri(), 0L);
            }
          }
          last[0] = image;
        });
    return objects.catalog(List.of());
  }

  private static boolean isInside(String uri, String input) {
    return uri.equals(input) || uri.startsWith(input.endsWith("/") ? input : input + "/");
  }

  /**
   * Notes that a reader did not find an object, on any thread.
   *
   * @param millis only listings that begin after this time can tell that it is there again
   */
  void missed(String uri, long millis) {
    if (isInside(uri, input)) {
      missed.merge(uri, millis, Math::max);
    }
  }

  private static int objectBytes(ArrivedImage image) {
    long bytes =
        ListedVersion.matches(image.version())
            ? ListedVersion.length(image.version())
            : image.length(); // of a shard that of a member: it is seen as changed, and known
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  /**
   * What a listing shows that the one before did not.
   *
   * @param arrivals what went and then what came; computed as it is asked for
   * @param unreadable objects that came whose names cannot be used
   */
  record News(Iterator<Arrival> arrivals, long unreadable) {
    static final News NONE = new News(Collections.emptyIterator(), 0);
  }

  /**
   * Lists the input, and compares.
   *
   * @throws UserError if the input cannot be listed
   */
  News list() {
    long started = System.currentTimeMillis();
    Map<String, Long> again = new HashMap<>(missed);
    again.values().removeIf(millis -> millis >= started);
    int doubtedBefore = doubted;
    doubted = 0; // a listing that fails, or shows no input, ends the row
    Catalog now = objects();
    long took = System.currentTimeMillis() - started;
    Changes changes = Changes.between(before, now, again);
    if (isDoubtful(now, changes, doubtedBefore)) {
      return News.NONE;
    }
    trouble.ended(System.nanoTime());
    again.forEach(missed::remove);
    Catalog old = before;
    before = now;
    if (changes.gone.length + changes.found.length > 0) {
      LOG.info(
          "{}: {} objects are there, {} of them new or changed; {} are gone",
          input,
          now.size(),
          changes.found.length,
          changes.gone.length);
    }
    KeyedPermutation order = new KeyedPermutation(seed, 0, Math.max(1, changes.found.length));
    Stream<Arrival> went =
        LongStream.of(changes.gone)
            .mapToObj(id -> arrival(Arrival.Kind.DELETED, old.ref(id).uri(), 0, "", started));
    Stream<Arrival> came =
        LongStream.range(0, changes.found.length)
            .map(place -> changes.found[(int) order.imageAt(place)])
            .mapToObj(id -> created(now, id, started, took));
    return new News(Stream.concat(went, came).iterator(), changes.unreadable);
  }

  private Catalog objects() {
    try {
      Listing listing = CatalogLister.listObjects(List.of(input), excludedFolders);
      if (!notesTold) {
        listing.notes().forEach(warn);
        notesTold = true;
      }
      return listing.catalog();
    } catch (UserError e) {
      if (before != null && isMissing(e) && check.isThereWithoutObjects(input)) {
        // A prefix of a bucket is there as long as something is below it.
        return CatalogLister.listObjects(List.of(), List.of()).catalog();
      }
      throw e;
    }
  }

  /** Whether the input itself is what is not there, rather than a folder in it. */
  private boolean isMissing(UserError failure) {
    return failure.getCause() instanceof FileNotFoundException && isAbsent(input);
  }

  private static boolean isAbsent(String uri) {
    Path path = new Path(uri);
    try {
      path.getFileSystem().getFileStatus(path);
      return false;
    } catch (FileNotFoundException e) {
      return true;
    } catch (IOException e) {
      LOG.debug("{} does not answer", uri, e);
      return false;
    }
  }

  private boolean isDoubtful(Catalog now, Changes changes, int doubtedBefore) {
    if (before == null || 2L * changes.gone.length <= before.size()) {
      return false;
    }
    if (now.size() == 0 && !check.isThereWithoutObjects(input)) {
      trouble.met(
          ListingTrouble.Kind.EMPTY,
          "%s is empty, as a disk that is not mounted; nothing is taken to be deleted until something is there"
              .formatted(input),
          System.nanoTime());
      return true;
    }
    doubted = doubtedBefore + 1;
    trouble.ended(System.nanoTime());
    warn.accept(
        "%s: %d of %d objects are not in the listing; they are deleted if %d listings in a row say so, and this is number %d"
            .formatted(input, changes.gone.length, before.size(), CONFIRMATIONS, doubted));
    return doubted < CONFIRMATIONS;
  }

  /** Notes that {@link #list} failed. */
  void failed(String why) {
    trouble.met(ListingTrouble.Kind.FAILED, why, System.nanoTime());
  }

  private static Arrival created(Catalog now, long id, long started, long took) {
    long length = now.length(id);
    return arrival(
        Arrival.Kind.CREATED, now.ref(id).uri(), length, ListedVersion.of(length, took), started);
  }

  private static Arrival arrival(
      Arrival.Kind kind, String uri, long length, String version, long millis) {
    return new Arrival(kind, uri, length, version, millis, ORIGIN);
  }

  /**
   * How a listing differs from the one before it.
   *
   * @param gone numbers in the one before of objects that this one has not
   * @param found numbers in this one of objects that the one before has not, or with another
   *     length, or that were missed in between
   * @param unreadable number of those whose names cannot be used
   */
  private record Changes(long[] gone, long[] found, long unreadable) {
    /**
     * Compares catalogs, which are sorted.
     *
     * @param missed objects that readers did not find; without those afterwards that are listed and
     *     still not there, as links to nowhere
     */
    static Changes between(Catalog before, Catalog now, Map<String, Long> missed) {
      LongStream.Builder gone = LongStream.builder();
      LongStream.Builder found = LongStream.builder();
      long unreadable = 0;
      long old = 0;
      ImageRef known = ref(before, old);
      for (long id = 0; id < now.size(); id++) {
        ImageRef object = now.ref(id);
        while (known != null && ListedVersion.compare(known.uri(), object.uri()) < 0) {
          gone.add(old);
          known = ref(before, ++old);
        }
        boolean there = known != null && known.uri().equals(object.uri());
        boolean wasMissed = missed.containsKey(object.uri());
        if (wasMissed && isAbsent(object.uri())) {
          missed.remove(object.uri());
        } else if (wasMissed || !there || !isSame(before, known, now, object)) {
          if (object.problem().isEmpty()) {
            found.add(id);
          } else {
            LOG.warn("{}: {}", PrintableText.of(object.name()), object.problem());
            unreadable++;
          }
        }
        known = there ? ref(before, ++old) : known;
      }
      for (; known != null; known = ref(before, ++old)) {
        gone.add(old);
      }
      return new Changes(gone.build().toArray(), found.build().toArray(), unreadable);
    }

    private static boolean isSame(Catalog before, ImageRef known, Catalog now, ImageRef object) {
      return known.length() == object.length()
          && (known.length() < Integer.MAX_VALUE
              || before.length(known.sampleId()) == now.length(object.sampleId()));
    }

    private static ImageRef ref(Catalog catalog, long id) {
      return catalog == null || id >= catalog.size() ? null : catalog.ref(id);
    }
  }
}
