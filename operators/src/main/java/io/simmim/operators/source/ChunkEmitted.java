package io.simmim.operators.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * A reader has emitted a chunk and is ready for another one in its place.
 *
 * @param chunk number of the chunk
 * @param gone images of it whose objects were not there any more, or were others
 */
record ChunkEmitted(long chunk, List<Long> gone) implements SourceEvent {
  ChunkEmitted {
    gone = List.copyOf(gone);
  }

  /** A chunk whose objects were all there. */
  ChunkEmitted(long chunk) {
    this(chunk, List.of());
  }
}
