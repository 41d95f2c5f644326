package io.simmim.operators.image;

/**
 * Where the time of an {@link ImagePath} went, in nanoseconds.
 *
 * @param images usable images that came out
 * @param decodeNanos reading headers, decoding, drawing the crop
 * @param resizeNanos both resampling passes, with the flip and the planar write folded in, and what
 *     an augmentation then does to the pixels
 * @param maskNanos drawing the masks
 */
public record StageTimes(long images, long decodeNanos, long resizeNanos, long maskNanos) {
  public long totalNanos() {
    return decodeNanos + resizeNanos + maskNanos;
  }

  /** The sum of two. */
  public StageTimes plus(StageTimes other) {
    return new StageTimes(
        images + other.images,
        decodeNanos + other.decodeNanos,
        resizeNanos + other.resizeNanos,
        maskNanos + other.maskNanos);
  }

  /** What came since {@code earlier}. */
  public StageTimes minus(StageTimes earlier) {
    return new StageTimes(
        images - earlier.images,
        decodeNanos - earlier.decodeNanos,
        resizeNanos - earlier.resizeNanos,
        maskNanos - earlier.maskNanos);
  }
}
