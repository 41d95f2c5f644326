package io.simmim.schemas;

import io.simmim.schemas.timing.ChunkTimes;
import java.util.List;

/**
 * The compressed images of one chunk: what a source reader emits.
 *
 * @param index number of the chunk in the whole run, from 0, without gaps
 * @param epoch epoch that the chunk belongs to, from 0
 * @param firstPosition position within the epoch of the first image; the others follow it
 * @param images in the order of their positions; one entry per position, readable or not. May be
 *     {@link ImagesInTurn}: look at them once, in their order, and then call {@link #done}
 * @param fetchedMicros see {@link ChunkTimes}
 */
public record EncodedChunk(
    long index, int epoch, long firstPosition, List<EncodedImage> images, long fetchedMicros) {
  public EncodedChunk {
    images = images instanceof ImagesInTurn ? images : List.copyOf(images);
  }

  /** A chunk that nobody timed. */
  public EncodedChunk(long index, int epoch, long firstPosition, List<EncodedImage> images) {
    this(index, epoch, firstPosition, images, ChunkTimes.UNKNOWN.fetchedMicros());
  }

  /** The same chunk with other images. */
  public EncodedChunk withImages(List<EncodedImage> others) {
    return new EncodedChunk(index, epoch, firstPosition, others, fetchedMicros);
  }

  /** Says that nobody will look at the bytes of the images any more. */
  public void done() {
    if (images instanceof ImagesInTurn inTurn) {
      inTurn.end();
    }
  }
}
