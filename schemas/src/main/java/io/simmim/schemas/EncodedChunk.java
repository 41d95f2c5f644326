package io.simmim.schemas;

import java.util.List;

/**
 * The compressed images of one chunk: what a source reader emits.
 *
 * @param index number of the chunk in the whole run, from 0, without gaps
 * @param epoch epoch that the chunk belongs to, from 0
 * @param firstPosition position within the epoch of the first image; the others follow it
 * @param images in the order of their positions; one entry per position, readable or not
 */
public record EncodedChunk(long index, int epoch, long firstPosition, List<EncodedImage> images) {
  public EncodedChunk {
    images = List.copyOf(images);
  }
}
