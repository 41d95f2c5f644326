package io.simmim.pipeline.run;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.enumerator.ArrivalSourceConfig;
import java.util.Optional;

/** Where the images of a run come from. */
public sealed interface RunImages {
  /** A list that was made once. */
  record Listed(CatalogReference catalog) implements RunImages {}

  /**
   * Images that keep arriving.
   *
   * @param decay how the run ends, if it is to
   */
  record Arriving(ArrivalSourceConfig source, Optional<Decay> decay) implements RunImages {}
}
