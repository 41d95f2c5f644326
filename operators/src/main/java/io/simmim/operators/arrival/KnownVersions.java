package io.simmim.operators.arrival;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.catalog.ImageNames;

/**
 * Which versions of which objects are in a log, and which is the newest of each. What an event or a
 * listing tells of takes a lookup or two, however many versions there were.
 *
 * <p>Not thread-safe.
 */
final class KnownVersions {
  /** Clocks of storage and of this machine may differ by so much. */
  private static final long CLOCK_SLACK_MILLIS = 2000;

  private final ArrivalLog log;

  /** First images of the newest versions, by URI. */
  private final KnownObjects newest = new KnownObjects();

  /** First images of the other versions that events told of, by URI and version. */
  private final KnownObjects older = new KnownObjects();

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
      return !log.isDeleted(newestId, log.chunks()) || arrival.eventMillis() <= head.eventMillis();
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
   * Whether an arrival is a version of its object. Versions tell where both come from events, or
   * both from listings. An event tells of a listed object if it is not later than the listing; a
   * listing shows an object that an event told of if it is as long.
   */
  private static boolean isSame(Arrival arrival, ArrivedImage image) {
    boolean listed = ListedVersion.matches(arrival.version());
    if (listed == ListedVersion.matches(image.version())) {
      return identity(arrival).equals(identity(image));
    }
    return listed
        ? ImageNames.isShard(image.uri()) || image.length() == arrival.length()
        : arrival.eventMillis() <= image.eventMillis() + CLOCK_SLACK_MILLIS;
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
