package io.simmim.operators.arrival;

import io.simmim.operators.arrival.Arrival.Kind;
import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivedImage;
import io.simmim.operators.arrival.log.ChunkDecisions;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.random.Philox;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The training sequence of a continuous run: takes in what arrives, each version of an object once,
 * and gives each chunk its images. A chunk has the next new images, and the rest of its places
 * images drawn at random (with replacement) from all that were new in chunks before it and are not
 * gone. Which chunk has how many new ones is decided when the chunk is asked for, and written into
 * the log; everything else follows from the log.
 *
 * <p>A later version of an object takes the place of the one before, which is gone then. So an
 * object that is written again and again takes one lookup each time, however many versions it had.
 *
 * <p>Not thread-safe.
 */
public final class ArrivalSequence {
  /** Where most images are gone, drawing until one is there would take long. */
  private static final int DRAWS = 32;

  private final ArrivalLog log;
  private final KnownVersions known;

  /** No image before this one can be replayed in that chunk, nor in later ones. */
  private long firstReplayable;

  private long firstReplayableChunk;

  /** Goes on behind what is in a log. */
  public ArrivalSequence(ArrivalLog log) {
    this.log = log;
    this.known = new KnownVersions(log);
  }

  public ArrivalLog log() {
    return log;
  }

  /** Bytes that log and tables take in memory, about. */
  public long memoryBytes() {
    return log.memoryBytes() + known.memoryBytes();
  }

  /** Images that arrived and that no decided chunk has yet. */
  public long waiting() {
    return log.size() - log.used();
  }

  /** Whether an arrival is a version that is not in the log. */
  public boolean isNew(Arrival arrival) {
    return arrival.kind() == Kind.CREATED
        && !known.contains(arrival, known.newestOf(arrival.uri()));
  }

  /**
   * Takes in an object that came or went.
   *
   * @return how many images are new; 0 if the object was known already, or went
   */
  public int accept(ArrivedObject object) {
    Arrival arrival = object.arrival();
    long before = known.newestOf(arrival.uri());
    if (arrival.kind() == Kind.DELETED) {
      if (before >= 0 && concerns(arrival, before)) {
        deleteObject(before);
      }
      return 0;
    }
    if (known.contains(arrival, before)) {
      known.noteAgain(arrival, before);
      return 0;
    }
    long first = log.size();
    object.forEachImage(log::add);
    if (!known.add(first, log.image(first), before)) {
      deleteObject(first);
    } else if (before >= 0) {
      deleteObject(before);
    }
    return Math.toIntExact(log.size() - first);
  }

  /**
   * A deletion of one version concerns that one, another deletion all. Events of one object may
   * come in any order: what came after the deletion stays. The version without an id is not one
   * that has an id; whether it is one that was listed, the next listing tells.
   */
  private boolean concerns(Arrival deletion, long newestId) {
    ArrivedImage head = log.image(newestId);
    boolean before = known.lastWritten(newestId) <= deletion.eventMillis();
    if (deletion.version().equals(Arrival.NULL_VERSION)) {
      boolean other = head.version().startsWith("v:") || ListedVersion.matches(head.version());
      return before && !other;
    }
    return deletion.version().startsWith("v:") ? head.version().equals(deletion.version()) : before;
  }

  /** All of an object goes at once: its other images have been told of with the first. */
  private void deleteObject(long first) {
    if (log.isDeleted(first, log.chunks())) {
      return;
    }
    long end = log.endOfObject(first);
    for (long id = first; id < end; id++) {
      log.delete(id);
    }
  }

  /**
   * Takes note that the object of an image was not there when it was read.
   *
   * @return the image, if its object counts as gone from now on and did not before
   */
  public Optional<ArrivedImage> gone(long id) {
    ArrivedImage image = log.image(id);
    long head = known.newestOf(image.uri());
    boolean news =
        head >= 0 && !log.isDeleted(head, log.chunks()) && log.image(head).cameWith(image);
    if (news) {
      deleteObject(head);
    }
    return news ? Optional.of(image) : Optional.empty();
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
      log.decide(decisions.alike(ChunkDecisions.PATTERN));
      return true;
    }
    if (idle == WhenIdle.WAIT) {
      return false;
    }
    log.decide(decisions.alike((int) waiting()));
    return true;
  }

  /**
   * The images of a chunk that is ready, in the order of their places. A new one that was gone when
   * the chunk was decided says so.
   */
  public List<ImageRef> images(long chunk) {
    ChunkDecisions decisions = log.decisions();
    long fresh = decisions.firstImage(chunk);
    long end = fresh;
    List<ImageRef> images = new ArrayList<>();
    for (int place = 0; place < log.header().chunkImages(); place++) {
      boolean replayed = decisions.isReplayed(chunk, place);
      long id = replayed ? replayed(chunk, place, end) : fresh++;
      ImageRef ref = log.image(id).ref(id);
      images.add(
          !replayed && log.isDeleted(id, chunk) ? ref.withProblem(RejectedImage.GONE_EARLY) : ref);
    }
    return images;
  }

  private long replayed(long chunk, int place, long end) {
    long sample = chunk * log.header().chunkImages() + place;
    Philox random = new Philox(log.header().seed(), Philox.Purpose.REPLAY, 0, sample);
    long first = firstReplayable(chunk, end);
    int bound = Math.toIntExact(end - first);
    for (int draw = 0; draw < DRAWS; draw++) {
      long id = first + random.nextInt(bound);
      if (isReplayable(id, chunk)) {
        return id;
      }
    }
    long id = nextReplayable(first + random.nextInt(bound), chunk, end);
    return id < end ? id : first;
  }

  private boolean isReplayable(long id, long chunk) {
    return !log.isDeleted(id, chunk) && log.image(id).problem().isEmpty();
  }

  /** From an image on; the end if there is none before it. */
  private long nextReplayable(long from, long chunk, long end) {
    long id = log.nextPresent(from, chunk);
    while (id < end && !log.image(id).problem().isEmpty()) {
      id = log.nextPresent(id + 1, chunk);
    }
    return Math.min(id, end);
  }

  /**
   * What expires goes in about the order in which it came. Draws begin behind that, or most of them
   * would be in vain.
   */
  private long firstReplayable(long chunk, long end) {
    if (chunk < firstReplayableChunk) {
      return nextReplayable(0, chunk, end); // planned again after a restart
    }
    firstReplayable = nextReplayable(firstReplayable, chunk, end);
    firstReplayableChunk = chunk;
    return firstReplayable;
  }

  private boolean canReplay(long chunk) {
    return firstReplayable(chunk, log.used()) < log.used();
  }
}
