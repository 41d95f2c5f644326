package io.simmim.schemas.timing;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * When the images of a chunk were ready, by the clocks of the machines that made them so: in
 * microseconds since 1970. Clocks of machines differ by milliseconds. Nothing is trained on them.
 *
 * @param fetchedMicros all bytes were there; 0 if that is not known
 * @param decodedMicros all images were decoded, augmented and masked; 0 if that is not known
 */
public record ChunkTimes(long fetchedMicros, long decodedMicros) {
  /** Of a chunk that nobody timed. */
  public static final ChunkTimes UNKNOWN = new ChunkTimes(0, 0);

  /** When all images of both chunks were ready. */
  public ChunkTimes latest(ChunkTimes other) {
    return new ChunkTimes(
        Math.max(fetchedMicros, other.fetchedMicros), Math.max(decodedMicros, other.decodedMicros));
  }

  /** Time of this machine. */
  public static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
