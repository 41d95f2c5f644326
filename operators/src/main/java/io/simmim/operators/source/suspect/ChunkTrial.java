package io.simmim.operators.source.suspect;

import io.simmim.schemas.EncodedChunk;
import java.io.Serializable;
import java.util.Map;

/** Finds the images of a chunk that end the process which decodes them. */
@FunctionalInterface
public interface ChunkTrial extends Serializable {
  /** For those who decode nothing. */
  ChunkTrial NONE = chunk -> Map.of();

  /**
   * Tries each image where it can do no harm.
   *
   * @return by sample id why an image must not be decoded here, in one line
   */
  Map<Long, String> run(EncodedChunk chunk) throws InterruptedException;
}
