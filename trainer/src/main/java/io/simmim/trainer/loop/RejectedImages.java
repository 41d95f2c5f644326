package io.simmim.trainer.loop;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The different images that could not be used since the beginning of the run, and the limit of
 * their number. Chunks are recorded in the order of their numbers, so whether and where the limit
 * is passed depends on the data alone. Objects that come and go are what a continuous run is about:
 * images of it that went, or were replaced, are told and do not count.
 *
 * <p>A bit per image of the run. Not thread-safe: belongs to the training thread.
 */
public final class RejectedImages {
  /** As many are named when the limit is passed. */
  static final int NAMED = 10;

  private final BatchPlan plan;
  private final RejectionLimit limit;
  private final BitSet unusable = new BitSet();
  private final BitSet gone = new BitSet();
  private int unusableCount;
  private int goneCount;
  private final List<RejectedImage> first = new ArrayList<>(NAMED);

  RejectedImages(BatchPlan plan, RejectionLimit limit) {
    this.plan = plan;
    this.limit = limit;
  }

  /**
   * Continues from a checkpoint.
   *
   * @param rejectedIds see {@link #sampleIds}
   */
  void restore(long[] rejectedIds, List<RejectedImage> firstRejected) {
    for (long id : rejectedIds) {
      if (id < 0) {
        add(~id, true);
      } else {
        add(id, false);
      }
    }
    first.addAll(firstRejected);
  }

  /** Whether an image was not known before. */
  private boolean add(long sampleId, boolean isGone) {
    int id = Math.toIntExact(sampleId);
    if (unusable.get(id) || gone.get(id)) {
      return false;
    }
    if (isGone) {
      gone.set(id);
      goneCount++;
    } else {
      unusable.set(id);
      unusableCount++;
    }
    return true;
  }

  /** Records the rejected images of a chunk; returns those that were not known before. */
  List<RejectedImage> record(TensorChunk chunk) {
    List<RejectedImage> news = new ArrayList<>();
    for (RejectedImage image : chunk.rejected()) {
      boolean isGone = plan.isContinuous() && RejectedImage.isGone(image.reason());
      if (add(image.sampleId(), isGone)) {
        news.add(image);
        if (!isGone && first.size() < NAMED) {
          first.add(image);
        }
      }
    }
    return news;
  }

  /**
   * Checks the limit after a chunk.
   *
   * @throws UserError with the first of them if there are too many
   */
  void requireWithinLimit(TensorChunk chunk) {
    long drawn = plan.drawnThrough(chunk.index());
    if (unusableCount > limit.allowedOf(drawn)) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "too many images cannot be used: %d of %d (%.2f %%); allowed are %d or %.2f %%;"
                  + " the first: %s",
              unusableCount,
              drawn,
              100.0 * unusableCount / drawn,
              limit.minRejected(),
              100.0 * limit.maxShare(),
              first.stream()
                  .map(image -> image.uri() + ": " + image.reason())
                  .collect(Collectors.joining("; "))));
    }
  }

  /**
   * The unusable images over those that are allowed by now.
   *
   * @param chunk number of the last one that was recorded
   * @return from 0 to 1: the run fails above
   */
  double shareOfAllowed(long chunk) {
    return unusableCount == 0 ? 0 : unusableCount / limit.allowedOf(plan.drawnThrough(chunk));
  }

  /** All of them, also those that went. */
  int count() {
    return unusableCount + goneCount;
  }

  /** Catalog indices, ascending; before them the complements of those of images that went. */
  long[] sampleIds() {
    return LongStream.concat(
            gone.stream().mapToLong(id -> ~(long) id), unusable.stream().asLongStream())
        .sorted()
        .toArray();
  }

  /** The first few, in the order in which they came. */
  List<RejectedImage> first() {
    return List.copyOf(first);
  }
}
