package io.simmim.operators.image;

/**
 * Where the time of an {@link ImagePath} went, in nanoseconds since its creation.
 *
 * @param images usable images that came out
 * @param decodeNanos reading headers, decoding, drawing the crop
 * @param resizeNanos both resampling passes, with the flip and the planar write folded in
 * @param maskNanos drawing the masks
 */
public record StageTimes(long images, long decodeNanos, long resizeNanos, long maskNanos) {
  public long totalNanos() {
    return decodeNanos + resizeNanos + maskNanos;
  }
}
