package io.simmim.operators.source.fetch;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells a reader where the images come from, so that it can tell a deleted file from storage that
 * went away. Sent before the reader's first chunk.
 *
 * @param roots the folders that were listed, or in which images are announced
 * @param announced whether images are announced by others: then a folder need not be there
 */
public record CatalogRoots(List<String> roots, boolean announced) implements SourceEvent {
  public CatalogRoots {
    roots = List.copyOf(roots);
  }

  /** Folders that were listed. */
  public CatalogRoots(List<String> roots) {
    this(roots, false);
  }
}
