package io.simmim.schemas.histogram;

import java.util.Arrays;
import java.util.Objects;

/**
 * How the values of a tensor are distributed. Infinite values and those that are no numbers are
 * counted apart, and in nothing else.
 *
 * @param notFinite how many values are infinite or no numbers
 * @param least of the others; 0 where there are none, as are the next three
 * @param greatest of them
 * @param sum of them
 * @param sumOfSquares of them
 * @param firstBucket number of the first bucket of {@link HistogramBuckets} that has a value
 * @param counts values of the buckets from that one to the last one that has any; empty where there
 *     are none. Not copied: treat as read-only
 */
public record ValueHistogram(
    long notFinite,
    double least,
    double greatest,
    double sum,
    double sumOfSquares,
    int firstBucket,
    long[] counts) {
  public ValueHistogram {
    Objects.requireNonNull(counts, "counts");
    if (notFinite < 0) {
      throw new IllegalArgumentException("a count must not be negative: " + notFinite);
    }
    if (firstBucket < 0 || firstBucket > HistogramBuckets.count() - counts.length) {
      throw new IllegalArgumentException(
          "there are %d buckets: %d from %d"
              .formatted(HistogramBuckets.count(), counts.length, firstBucket));
    }
  }

  /** How many values are finite. */
  public long finite() {
    return Arrays.stream(counts).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValueHistogram that
        && notFinite == that.notFinite
        && least == that.least
        && greatest == that.greatest
        && sum == that.sum
        && sumOfSquares == that.sumOfSquares
        && firstBucket == that.firstBucket
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(notFinite, least, greatest, sum, sumOfSquares, firstBucket)
        + 31 * Arrays.hashCode(counts);
  }
}
