package io.simmim.operators.arrival;

import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.Philox;
import java.util.ArrayList;
import java.util.List;

/**
 * The training sequence of a continuous run: takes in what arrives, each version of an object once,
 * and gives each chunk its images. A chunk has the next new images, and the rest of its places
 * images drawn at random (with replacement) from all that were new in chunks before it. Which chunk
 * has how many new ones is decided when the chunk is asked for, and written into the log;
 * everything else follows from the log.
 *
 * <p>Not thread-safe.
 */
public final class ArrivalSequence {
  /** Clocks of storage and of this machine may differ by so much. */
  private static final long CLOCK_SLACK_MILLIS = 2000;

  /** Where most images are gone, drawing until one is there would take long. */
  private static final int DRAWS = 32;

  private final ArrivalLog log;
  private final KnownObjects known = new KnownObjects();

  /** While the log is read: the image before. */
  private ArrivedImage stored;

  /** No image before this one can be replayed; deletions are for ever. */
  private long firstReplayable;

  /** Goes on behind what is in a log. */
  public ArrivalSequence(ArrivalLog log) {
    this.log = log;
    log.forEachImage(this::knowStored);
    stored = null;
  }

  private void knowStored(long id, ArrivedImage image) {
    if (stored == null || !image.cameWith(stored)) {
      known.add(image.uri(), id);
    }
    stored = image;
  }

  public ArrivalLog log() {
    return log;
  }

  /** Images that arrived and that no decided chunk has yet. */
  public long waiting() {
    return log.size() - log.used();
  }

  /**
   * Takes in an object that came or went.
   *
   * @return how many images are new; 0 if the object was known already, or went
   */
  public int accept(ArrivedObject object) {
    Arrival arrival = object.arrival();
    if (arrival.kind() == Kind.DELETED) {
      delete(arrival);
      return 0;
    }
    if (known.anyMatch(arrival.uri(), id -> isKnown(arrival, id))) {
      return 0;
    }
    List<ArrivedImage> images = object.images();
    known.add(arrival.uri(), log.size());
    images.forEach(log::add);
    return images.size();
  }

  /** Whether an arrival is in the log; what was deleted and is there again later is not. */
  private boolean isKnown(Arrival arrival, long id) {
    ArrivedImage image = log.image(id);
    boolean again = log.isDeleted(id, log.chunks()) && arrival.eventMillis() > image.eventMillis();
    return !again && isSame(arrival, image);
  }

  /**
   * Whether an arrival is an object in the log. Versions tell where both come from events, or both
   * from listings. An event tells of a listed object if it is not later than the listing; a listing
   * shows an object that an event told of if it is as long.
   */
  private static boolean isSame(Arrival arrival, ArrivedImage image) {
    if (!image.uri().equals(arrival.uri())) {
      return false;
    }
    boolean listed = ListingFeed.isListed(arrival.version());
    if (listed == ListingFeed.isListed(image.version())) {
      return image.version().equals(arrival.version());
    }
    return listed
        ? Catalog.isShard(image.uri()) || image.length() == arrival.length()
        : arrival.eventMillis() <= image.eventMillis() + CLOCK_SLACK_MILLIS;
  }

  /**
   * A deletion of one version concerns that one, another deletion all. Events of one object may
   * come in any order: what came after the deletion stays.
   */
  private void delete(Arrival arrival) {
    List<Long> firsts = new ArrayList<>();
    known.anyMatch(
        arrival.uri(),
        id -> {
          firsts.add(id);
          return false;
        });
    for (long first : firsts) {
      ArrivedImage head = log.image(first);
      boolean concerned =
          arrival.version().startsWith("v:")
              ? head.version().equals(arrival.version())
              : head.eventMillis() <= arrival.eventMillis();
      if (head.uri().equals(arrival.uri()) && concerned) {
        for (long id = first; id < log.size(); id++) {
          if (!log.image(id).cameWith(head)) {
            break;
          }
          log.delete(id);
        }
      }
    }
  }

  /**
   * Whether a chunk can be trained on. Decides on it if it is the next one and there is enough for
   * it: new images in the share of the pattern, or, when idle is to be replay, what there is.
   */
  public boolean ready(long chunk, WhenIdle idle) {
    ChunkDecisions decisions = log.decisions();
    if (chunk < decisions.chunks()) {
      return true;
    }
    if (chunk > decisions.chunks()) {
      throw new IllegalArgumentException(
          "chunk must be at most %d: %d".formatted(decisions.chunks(), chunk));
    }
    int chunkImages = log.header().chunkImages();
    if (!canReplay(chunk)) {
      if (waiting() < chunkImages) {
        return false; // nothing to fill it up with
      }
      log.decide(chunkImages);
      return true;
    }
    if (waiting() >= decisions.patternImages(chunk)) {
      log.decide(ChunkDecisions.PATTERN);
      return true;
    }
    if (idle == WhenIdle.WAIT) {
      return false;
    }
    log.decide((int) waiting());
    return true;
  }

  /** The images of a chunk that is ready, in the order of their places. */
  public List<ImageRef> images(long chunk) {
    ChunkDecisions decisions = log.decisions();
    long fresh = decisions.firstImage(chunk);
    long older = fresh;
    List<ImageRef> images = new ArrayList<>();
    for (int place = 0; place < log.header().chunkImages(); place++) {
      long id = decisions.isReplayed(chunk, place) ? replayed(chunk, place, older) : fresh++;
      images.add(log.image(id).ref(id));
    }
    return images;
  }

  private long replayed(long chunk, int place, long older) {
    long sample = chunk * log.header().chunkImages() + place;
    Philox random = new Philox(log.header().seed(), Philox.Purpose.REPLAY, 0, sample);
    int bound = Math.toIntExact(older);
    for (int draw = 0; draw < DRAWS; draw++) {
      long id = random.nextInt(bound);
      if (isReplayable(id, chunk)) {
        return id;
      }
    }
    long id = random.nextInt(bound);
    while (!isReplayable(id, chunk)) {
      id = id + 1 == older ? 0 : id + 1; // a decided chunk has at least one
    }
    return id;
  }

  private boolean isReplayable(long id, long chunk) {
    return !log.isDeleted(id, chunk) && log.image(id).problem().isEmpty();
  }

  private boolean canReplay(long chunk) {
    while (firstReplayable < log.used() && !isReplayable(firstReplayable, chunk)) {
      firstReplayable++;
    }
    return firstReplayable < log.used();
  }
}
