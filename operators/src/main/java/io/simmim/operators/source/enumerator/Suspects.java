package io.simmim.operators.source.enumerator;

import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.suspect.SuspectConfig;
import io.simmim.operators.source.suspect.SuspectFile;
import io.simmim.schemas.ImageRef;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which chunks and images may be what ends the process that decodes them. A chunk that was being
 * decoded when its reader was lost is a suspect; when that has happened {@value #LOSSES} times, its
 * images are tried one at a time before it is decoded again. Those that fail are refused from then
 * on, which checkpoints keep.
 *
 * <p>A reader is lost for many other reasons, and then a chunk is tried for nothing: that costs
 * seconds.
 *
 * <p>Not thread-safe.
 */
public final class Suspects {
  static final int LOSSES = 2;

  /**
   * A reader decodes the lowest chunk that it holds. What it said last is lost with it, on a busy
   * machine some tenths of a second, in which small chunks are many: so these count, and twice as
   * many each time that they were not enough.
   */
  static final int NEAREST = 8;

  /** Until then: windows of chunks are no wider than that. */
  private static final int MOST_DOUBLINGS = 5;

  /**
   * Refused images cost memory and room in checkpoints; so many mean that something else is wrong.
   */
  static final int MOST_REFUSED = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(Suspects.class);

  private final TreeMap<Long, Integer> losses = new TreeMap<>();
  private final TreeMap<Long, String> refused;
  private final SuspectFile file;
  private final long submission;
  private SortedSet<Long> decoding = new TreeSet<>();

  /** Whether readers end for a reason that is known. */
  private boolean storageFails;

  private Suspects(Map<Long, String> refused, SuspectFile file, long submission) {
    this.refused = new TreeMap<>(refused);
    this.file = file;
    this.submission = submission;
  }

  /**
   * Begins with what a checkpoint knows, and with what a process left that ended without a word.
   *
   * @param refused images by their sample ids, and why
   */
  public static Suspects begin(SuspectConfig config, Map<Long, String> refused) {
    Suspects suspects = new Suspects(refused, SuspectFile.open(config.file()), config.submission());
    SuspectFile.Content before = suspects.file.read();
    suspects.losses.putAll(before.losses());
    Collection<Long> lost = before.lost(config.submission());
    suspects.count(lost);
    if (!lost.isEmpty()) {
      LOG.info("Readers were lost while they decoded the chunks {}", lost);
    }
    suspects.file.write(new SuspectFile.Content(suspects.losses, List.of()));
    return suspects;
  }

  /**
   * A reader was lost.
   *
   * @param open the chunks that it had, the lowest first
   */
  void lost(List<Long> open) {
    if (storageFails) {
      return;
    }
    count(open.stream().limit(nearest()).toList());
  }

  /** A reader ends, and the others with it, but no image is the reason. */
  void storageFailed() {
    storageFails = true;
  }

  /** A reader begins: those that are lost from now on are lost for a reason of their own. */
  void readerBegins() {
    storageFails = false;
  }

  private int nearest() {
    int lost = losses.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return NEAREST << Math.min(lost, MOST_DOUBLINGS);
  }

  private void count(Iterable<Long> chunks) {
    chunks.forEach(chunk -> losses.merge(chunk, 1, Integer::sum));
  }

  /** Whether the images of a chunk are to be tried one at a time. */
  boolean isSuspect(long chunk) {
    return losses.getOrDefault(chunk, 0) >= LOSSES;
  }

  /** A chunk as it is to be handed out. */
  ChunkSplit examined(ChunkSplit split) {
    boolean suspect = isSuspect(split.chunk());
    if (suspect) {
      LOG.warn(
          "{} was being decoded when {} readers were lost: its images are tried one at a time",
          split,
          losses.get(split.chunk()));
    }
    if (!suspect && refused.isEmpty()) {
      return split;
    }
    return new ChunkSplit(
        split.chunk(), split.epoch(), split.firstPosition(), images(split), suspect);
  }

  private List<ImageRef> images(ChunkSplit split) {
    return refused.isEmpty()
        ? split.images()
        : split.images().stream()
            .map(
                image ->
                    refused.containsKey(image.sampleId())
                        ? image.withProblem(refused.get(image.sampleId()))
                        : image)
            .toList();
  }

  /** Readers tell of images that must not be decoded any more. */
  void refuse(Map<Long, String> reasons) {
    reasons.forEach(
        (image, reason) -> {
          if (refused.size() < MOST_REFUSED) {
            refused.put(image, reason);
          }
        });
  }

  /** Images that must not be decoded any more, and why. */
  Map<Long, String> refused() {
    return refused;
  }

  /**
   * Notes which chunks readers may be decoding.
   *
   * @param ledger has the open ones
   */
  void note(ChunkLedger ledger) {
    if (file.isKept()) {
      SortedSet<Long> now = ledger.lowestOpen(nearest());
      if (!now.equals(decoding)) {
        decoding = now;
        file.write(new SuspectFile.Content(losses, now));
      }
    }
  }

  /** No chunk below the given one is handed out any more. */
  void finishedBelow(long chunk) {
    losses.headMap(chunk).clear();
  }

  /** Every chunk has been emitted: whoever closes the enumerator may come too late. */
  void finished() {
    losses.clear();
    close();
  }

  /**
   * The enumerator ends, and readers with it: because the job was stopped, cancelled or has failed,
   * or because a scheduler makes a new one when readers are lost. Only what follows tells which:
   * then the next one belongs to the same submission, and counts what was being decoded.
   */
  void close() {
    SortedSet<Long> lost = storageFails ? new TreeSet<>() : decoding;
    file.close(new SuspectFile.Content(losses, lost, OptionalLong.of(submission)));
  }
}
