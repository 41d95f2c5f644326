package io.simmim.pipeline.run;

import io.simmim.operators.arrival.ArrivalCatalog;
import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.text.PrintableText;
import java.util.List;
import java.util.function.Consumer;

/** The images of a run that does not get more: what is in its inputs, or was collected there. */
public final class InputImages {
  private InputImages() {}

  /**
   * Lists them, without what is in the output.
   *
   * @param say takes lines for people: what is not used, and why
   * @throws io.simmim.schemas.UserError if an input cannot be listed, or there is nothing to use
   */
  public static Catalog list(SimmimConfig config, RunFolder output, Consumer<String> say) {
    return list(config, List.of(output.root().toString()), say);
  }

  /** The same of a run that has no output yet. */
  public static Catalog list(SimmimConfig config, Consumer<String> say) {
    return list(config, List.of(), say);
  }

  private static Catalog list(SimmimConfig config, List<String> excluded, Consumer<String> say) {
    Listing listing =
        CatalogLister.listing(config.data().input(), excluded, config.fetch().shardReading());
    List<String> logs = ContinuousInputs.logsAmong(listing);
    Catalog images = logs.isEmpty() ? listing.requireImages() : ArrivalCatalog.of(logs);
    listing.notes().forEach(say);
    sayUnusable(images, say);
    return images;
  }

  private static void sayUnusable(Catalog images, Consumer<String> say) {
    long unusable = images.size() - images.usable();
    if (unusable == 0) {
      return;
    }
    long id = 0;
    while (images.ref(id).problem().isEmpty()) {
      id++;
    }
    say.accept(
        "%,d of %,d images cannot be used, rejected.jsonl will say which; the first: %s: %s"
            .formatted(
                unusable,
                images.size(),
                PrintableText.of(images.ref(id).name()),
                images.ref(id).problem()));
  }
}
