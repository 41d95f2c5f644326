package io.simmim.pipeline.evaluate;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.source.fetch.FetchConfig;
import java.util.List;
import java.util.function.Consumer;

/** The images of commands to which classes mean nothing. */
public final class UnlabelledImages {
  /** The option that names them. */
  public static final String OPTION = "--input";

  private UnlabelledImages() {}

  /**
   * Lists images.
   *
   * @param say takes lines for people: what is not used, and why
   * @throws io.simmim.schemas.UserError if an input cannot be listed, or there is no image
   */
  public static Catalog list(List<String> input, FetchConfig fetch, Consumer<String> say) {
    Listing listing = CatalogLister.listing(input, List.of(), fetch.shardReading());
    Catalog catalog = listing.requireImages();
    listing.notes().forEach(line -> say.accept(OPTION + ": " + line));
    return catalog;
  }
}
