package io.simmim.operators.source.reader;

import io.simmim.operators.source.fetch.ImageRun;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.timing.ChunkTimes;
import java.util.List;
import java.util.stream.IntStream;

/** A chunk that is fetched. Not safe for use by several threads: its queue's lock guards it. */
final class PendingChunk {
  private static final byte[] GIVEN_UP = {};

  private final ChunkSplit split;
  private final long maxObjectBytes;
  private final boolean inTurn;
  private final List<ImageRun> runs;
  private final EncodedImage[] images;
  private int started;
  private int done;

  /** The images before it have given up their bytes. */
  private int firstHeld;

  /** Of the last image that was fetched, or of the beginning if there is none to fetch. */
  private long fetchedMicros = ChunkTimes.nowMicros();

  /**
   * @param maxObjectBytes longer images are not read
   * @param mostAtOnce bytes of a chunk whose images are handed over together; those of a larger one
   *     are fetched one by one, in their order
   */
  PendingChunk(ChunkSplit split, long maxObjectBytes, long mostAtOnce) {
    this.split = split;
    this.maxObjectBytes = maxObjectBytes;
    this.inTurn = split.images().stream().mapToLong(ref -> bytes(ref.length())).sum() > mostAtOnce;
    this.runs =
        inTurn
            ? IntStream.range(0, split.images().size())
                .mapToObj(i -> new ImageRun(List.of(split.images().get(i)), List.of(i)))
                .toList()
            : ImageRun.of(split.images(), maxObjectBytes);
    this.images = new EncodedImage[split.images().size()];
  }

  private long bytes(int length) {
    return length > maxObjectBytes ? 0 : length;
  }

  ChunkSplit split() {
    return split;
  }

  /** Whether its images are handed over one after the other. */
  boolean isInTurn() {
    return inTurn;
  }

  int size() {
    return images.length;
  }

  boolean isComplete() {
    return done == images.length;
  }

  boolean isStarted(int place) {
    return place < started;
  }

  boolean isAllStarted() {
    return started == runs.size();
  }

  /** Whether nothing of it is being fetched. */
  boolean isIdle() {
    return !inTurn || done == started;
  }

  /** Bytes of what is started next. */
  long nextBytes() {
    return bytes(runs.get(started).length());
  }

  ImageRun startNext() {
    return runs.get(started++);
  }

  void finish(ImageRun run, List<EncodedImage> fetched) {
    for (int i = 0; i < fetched.size(); i++) {
      images[run.places().get(i)] = fetched.get(i);
    }
    done += fetched.size();
    fetchedMicros = ChunkTimes.nowMicros();
  }

  /** An image, or null while it is not there. */
  EncodedImage image(int place) {
    return images[place];
  }

  List<EncodedImage> images() {
    return List.of(images);
  }

  long fetchedMicros() {
    return fetchedMicros;
  }

  /** Bytes of the images that were started: those of all runs if they are handed over together. */
  long startedBytes() {
    return runs.stream().limit(started).mapToLong(run -> bytes(run.length())).sum();
  }

  /**
   * Gives up the bytes of the images before a place that were started.
   *
   * @return how many of them there were, as counted when they were started
   */
  long giveUpBefore(int place) {
    long bytes = 0;
    for (; firstHeld < Math.min(place, started); firstHeld++) {
      EncodedImage image = images[firstHeld];
      bytes += bytes(split.images().get(firstHeld).length());
      if (image != null) {
        images[firstHeld] = new EncodedImage(image.ref(), GIVEN_UP, image.failure());
      }
    }
    return bytes;
  }
}
