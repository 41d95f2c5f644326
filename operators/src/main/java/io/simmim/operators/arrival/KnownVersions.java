package io.simmim.operators.arrival;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.catalog.ImageNames;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which versions of which objects are in a log, and which is the newest of each. What an event or a
 * listing tells of takes a lookup or two, however many versions there were.
 *
 * <p>Not thread-safe.
 */
final class KnownVersions {
  /** Of so many objects it is remembered that they were written again as they were. */
  private static final int MOST_REWRITTEN = 1 << 16;

  private final ArrivalLog log;

  /** First images of the newest versions, by URI. */
  private final KnownObjects newest = new KnownObjects();

  /** First images of the other versions that events told of, by URI and version. */
  private final KnownObjects older = new KnownObjects();

  /**
   * When the newest versions of objects were last written, by their first images, where that was
   * after the event by which they are in the log. Events in any order meet within minutes; so those
   * are forgotten that were noted long ago.
   */
  private final Map<Long, Long> rewritten =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MOST_REWRITTEN;
        }
      };

  /** Begins with what is in a log. */
  KnownVersions(ArrivalLog log) {
    this.log = log;
    ArrivedImage[] before = {null};
    log.forEachImage(
        (id, image) -> {
          if (before[0] == null || !image.cameWith(before[0])) {
            add(id, image, newestOf(image.uri()));
          }
          before[0] = image;
        });
  }

  /** The first image of the newest version of an object; -1 if it is not known. */
  long newestOf(String uri) {
    return newest.find(uri, id -> log.image(id).uri().equals(uri));
  }

  /**
   * Adds a version.
   *
   * @param id its first image
   * @param before that of the newest version until now, or -1
   * @return whether it is the newest now; one whose event comes late is not
   */
  boolean add(long id, ArrivedImage image, long before) {
    ArrivedImage head = before < 0 ? null : log.image(before);
    if (head != null && image.eventMillis() < head.eventMillis()) {
      addOlder(id, image);
      return false;
    }
    newest.put(image.uri(), id, other -> log.image(other).uri().equals(image.uri()));
    if (head != null) {
      addOlder(before, head);
    }
    return true;
  }

  private void addOlder(long id, ArrivedImage image) {
    if (!ListedVersion.matches(image.version())) {
      older.put(identity(image), id, other -> identity(log.image(other)).equals(identity(image)));
    }
  }

  /**
   * Whether a version is in the log. What went and is there again later is not. Nor is a listing
   * news of an object of which something later is known: it began before that happened. Of two
   * versions of the same millisecond either may be the newest, and both are known.
   *
   * @param newestId the first image of the newest version, or -1
   */
  boolean contains(Arrival arrival, long newestId) {
    if (newestId < 0) {
      return false;
    }
    ArrivedImage head = log.image(newestId);
    if (isSame(arrival, head)) {
      return !log.isDeleted(newestId, log.chunks())
          || arrival.eventMillis() <= lastWritten(newestId);
    }
    boolean listed = ListedVersion.matches(arrival.version());
    if (arrival.eventMillis() > head.eventMillis()
        || (listed && arrival.eventMillis() == head.eventMillis())) {
      return false;
    }
    return listed
        || older.find(identity(arrival), id -> identity(log.image(id)).equals(identity(arrival)))
            >= 0;
  }

  /**
   * Notes that an event told of a version that is in the log already: the same bytes may have been
   * written again.
   *
   * @param newestId the first image of the newest version
   */
  void noteAgain(Arrival arrival, long newestId) {
    boolean event = !ListedVersion.matches(arrival.version());
    if (event
        && arrival.eventMillis() > lastWritten(newestId)
        && isSame(arrival, log.image(newestId))) {
      rewritten.put(newestId, arrival.eventMillis());
    }
  }

  /** When the newest version of an object was last written, as far as it is remembered. */
  long lastWritten(long newestId) {
    return Math.max(
        log.image(newestId).eventMillis(), rewritten.getOrDefault(newestId, Long.MIN_VALUE));
  }

  /**
   * Whether an arrival is a version of its object. Versions tell where both come from events;
   * lengths, where both come from listings. A listing shows an object that an event told of if it
   * is as long.
   */
  private static boolean isSame(Arrival arrival, ArrivedImage image) {
    boolean listed = ListedVersion.matches(arrival.version());
    boolean known = ListedVersion.matches(image.version());
    if (listed && known) {
      return ListedVersion.length(arrival.version()) == ListedVersion.length(image.version());
    }
    if (known) {
      return tellsOfListed(arrival, image);
    }
    return listed
        ? ImageNames.isShard(image.uri()) || image.length() == arrival.length()
        : identity(arrival).equals(identity(image));
  }

  /**
   * Whether an event tells of a listed object. It does if it is not later than the beginning of the
   * listing. While the listing went on, it may be what that showed, if it is as long.
   */
  private static boolean tellsOfListed(Arrival event, ArrivedImage image) {
    long later = event.eventMillis() - image.eventMillis() - ListedVersion.CLOCK_SLACK_MILLIS;
    return later <= 0
        || (later <= ListedVersion.tookMillis(image.version())
            && event.length() == ListedVersion.length(image.version()));
  }

  private static String identity(Arrival arrival) {
    return identity(arrival.uri(), arrival.version(), arrival.eventMillis());
  }

  private static String identity(ArrivedImage image) {
    return identity(image.uri(), image.version(), image.eventMillis());
  }

  /** Of a version without a name the time tells which one it is. */
  private static String identity(String uri, String version, long eventMillis) {
    return uri + '\n' + (version.isEmpty() ? "t:" + eventMillis : version);
  }

  long memoryBytes() {
    return newest.memoryBytes() + older.memoryBytes();
  }
}
