package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The different images that could not be used since the beginning of the run, and the limit of
 * their number. Chunks are recorded in the order of their numbers, so whether and where the limit
 * is passed depends on the data alone.
 *
 * <p>Not thread-safe: belongs to the training thread.
 */
final class RejectedImages {
  /** As many are named when the limit is passed. */
  static final int NAMED = 10;

  private final BatchPlan plan;
  private final RejectionLimit limit;
  private final Set<Long> sampleIds = new HashSet<>();
  private final List<RejectedImage> first = new ArrayList<>(NAMED);

  RejectedImages(BatchPlan plan, RejectionLimit limit) {
    this.plan = plan;
    this.limit = limit;
  }

  /** Continues from a checkpoint. */
  void restore(long[] rejectedIds, List<RejectedImage> firstRejected) {
    for (long id : rejectedIds) {
      sampleIds.add(id);
    }
    first.addAll(firstRejected);
  }

  /** Records the rejected images of a chunk; returns those that were not known before. */
  List<RejectedImage> record(TensorChunk chunk) {
    List<RejectedImage> news = new ArrayList<>();
    for (RejectedImage image : chunk.rejected()) {
      if (sampleIds.add(image.sampleId())) {
        news.add(image);
        if (first.size() < NAMED) {
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
    if (sampleIds.size() > limit.allowedOf(drawn)) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "too many images cannot be used: %d of %d (%.2f %%); allowed are %d or %.2f %%;"
                  + " the first: %s",
              sampleIds.size(),
              drawn,
              100.0 * sampleIds.size() / drawn,
              limit.minRejected(),
              100.0 * limit.maxShare(),
              first.stream()
                  .map(image -> image.uri() + ": " + image.reason())
                  .collect(Collectors.joining("; "))));
    }
  }

  int count() {
    return sampleIds.size();
  }

  /** Catalog indices, ascending. */
  long[] sampleIds() {
    return sampleIds.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** The first few, in the order in which they came. */
  List<RejectedImage> first() {
    return List.copyOf(first);
  }
}
