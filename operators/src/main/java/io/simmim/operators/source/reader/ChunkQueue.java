package io.simmim.operators.source.reader;

import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.ImageRun;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.EncodedImage;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Which images are fetched next, and how many bytes of them are held. They are started in the order
 * of their chunks, and those of a chunk in their order. Bytes count from the start of a fetch, and
 * stay within the budget:
 *
 * <ul>
 *   <li>A chunk of at most half the budget is handed over when all of it is there, and does not
 *       count from then on. While it is the lowest one it is exempt, so that it gets done, too,
 *       when it arrives while higher ones fill the budget.
 *   <li>The images of a larger one are handed over one after the other ({@link
 *       io.simmim.schemas.ImagesInTurn}), and count until whoever asks for them asks for the next.
 *       It is handed over when no more of it finds room. An image that is asked for and finds none
 *       is fetched beside the budget: {@link io.simmim.operators.source.fetch.LargeImages}.
 * </ul>
 *
 * Not safe for use by several threads: the lock of {@link ChunkFetcher} guards it.
 */
final class ChunkQueue {
  private final long budget;
  private final long maxObjectBytes;
  private final TreeMap<Long, PendingChunk> pending = new TreeMap<>();

  /** Whose images are handed over one after the other; null if there is none. */
  private PendingChunk inTurn;

  /** What is fetched before all else, beside the budget; null if there is nothing. */
  private Fetch urgent;

  /** Bytes of the image of {@link #inTurn} that is beside the budget. */
  private long beside;

  private long bytesHeld;

  /** What a thread fetches. */
  record Fetch(PendingChunk chunk, ImageRun run) {}

  ChunkQueue(FetchConfig config) {
    this.budget = config.bytesInFlight();
    this.maxObjectBytes = config.maxObjectBytes();
  }

  void add(ChunkSplit split) {
    pending.put(split.chunk(), new PendingChunk(split, maxObjectBytes, budget / 2));
  }

  boolean isEmpty() {
    return pending.isEmpty();
  }

  int size() {
    return pending.size();
  }

  /** The chunks that were not polled, ascending. */
  List<ChunkSplit> unfinished() {
    return pending.values().stream().map(PendingChunk::split).toList();
  }

  /** Bytes that are fetched and held, within the budget and beside it. */
  long bytesHeld() {
    return bytesHeld + beside;
  }

  /** Whether the lowest chunk may be polled. */
  boolean isHeadReady() {
    if (pending.isEmpty()) {
      return false;
    }
    PendingChunk head = pending.firstEntry().getValue();
    return head.isComplete() || (head.isInTurn() && head.isIdle() && !fits(head));
  }

  private boolean fits(PendingChunk chunk) {
    return bytesHeld + chunk.nextBytes() <= budget;
  }

  /** Removes the lowest chunk, which is ready. The one before it must have come to its end. */
  PendingChunk poll() {
    PendingChunk chunk = pending.pollFirstEntry().getValue();
    if (chunk.isInTurn()) {
      inTurn = chunk;
    } else {
      bytesHeld -= chunk.startedBytes();
    }
    return chunk;
  }

  /** What may be fetched now; null if nothing. */
  Fetch start() {
    if (urgent != null) {
      Fetch fetch = urgent;
      urgent = null;
      return fetch;
    }
    if (inTurn != null && !inTurn.isAllStarted()) {
      return fits(inTurn) ? start(inTurn) : null;
    }
    for (PendingChunk chunk : pending.values()) {
      if (!chunk.isAllStarted()) {
        boolean exempt = !chunk.isInTurn() && chunk == pending.firstEntry().getValue();
        return exempt || fits(chunk) ? start(chunk) : null;
      }
    }
    return null;
  }

  private Fetch start(PendingChunk chunk) {
    bytesHeld += chunk.nextBytes();
    return new Fetch(chunk, chunk.startNext());
  }

  void finish(Fetch fetch, List<EncodedImage> images) {
    fetch.chunk().finish(fetch.run(), images);
  }

  /**
   * Gives up the images before a place of the chunk whose images are handed over.
   *
   * @return bytes of it that were beside the budget
   * @throws IllegalStateException if it is another one by now
   */
  long giveUpBefore(PendingChunk chunk, int place) {
    if (chunk != inTurn) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the images of chunk %d are not handed over any more",
              chunk.split().chunk()));
    }
    long given = inTurn.giveUpBefore(place);
    if (given == 0) {
      return 0;
    }
    long wereBeside = beside;
    beside = 0;
    bytesHeld -= given - wereBeside;
    return wereBeside;
  }

  /**
   * Bytes for which an image, the next one, finds no room in the budget; 0 if it is there, on its
   * way, or finds room.
   */
  long lacking(int place) {
    return inTurn.isStarted(place) || fits(inTurn) ? 0 : inTurn.nextBytes();
  }

  /** Fetches the next image, for which room was found elsewhere. */
  void startBeside() {
    beside = inTurn.nextBytes();
    urgent = new Fetch(inTurn, inTurn.startNext());
  }

  /** Nothing more of the chunk is handed over. Returns its bytes that were beside the budget. */
  long endTurn() {
    if (inTurn == null) {
      return 0;
    }
    long wereBeside = giveUpBefore(inTurn, inTurn.size());
    inTurn = null;
    urgent = null;
    return wereBeside;
  }
}
