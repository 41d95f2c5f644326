package io.simmim.operators.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells a reader where the images come from, so that it can tell a deleted file from storage that
 * went away. Sent before the reader's first chunk.
 *
 * @param roots the folders that were listed
 */
record CatalogRoots(List<String> roots) implements SourceEvent {
  CatalogRoots {
    roots = List.copyOf(roots);
  }
}
