package io.simmim.operators.source.split;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has emitted a chunk and is ready for another one in its place.
 *
 * @param chunk number of the chunk
 * @param gone images of it whose objects were not there any more, or were others
 */
public record ChunkEmitted(long chunk, List<Long> gone) implements SourceEvent {
  public ChunkEmitted {
    gone = List.copyOf(gone);
  }

  /** A chunk whose objects were all there. */
  public ChunkEmitted(long chunk) {
    this(chunk, List.of());
  }
}
