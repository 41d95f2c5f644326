package io.simmim.pipeline.labelled;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.operators.catalog.label.Labeling;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Images with their classes.
 *
 * @param option that named them, for messages
 */
public record LabelledImages(String option, Catalog catalog, LabelTable labels) {
  /**
   * Lists images and finds their classes.
   *
   * @param say takes lines for people: what is not used, and why
   * @throws UserError if there is no image, or none with a class
   */
  public static LabelledImages list(
      String option, List<String> uris, FetchConfig fetch, Consumer<String> say) {
    return list(option, uris, List.of(), fetch, say);
  }

  /**
   * The same without what is in some folders.
   *
   * @param excluded folders that are left out
   */
  public static LabelledImages list(
      String option,
      List<String> uris,
      List<String> excluded,
      FetchConfig fetch,
      Consumer<String> say) {
    ShardReading reading = fetch.shardReading();
    try {
      Listing listing = CatalogLister.listing(uris, excluded, reading);
      Catalog catalog = listing.requireImages();
      LabelTable labels = Labeling.of(catalog, reading);
      listing.notes().forEach(line -> say.accept(option + ": " + line));
      labels.note().ifPresent(line -> say.accept(option + ": " + line));
      return new LabelledImages(option, catalog, labels);
    } catch (UserError e) {
      throw new UserError(option + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UserError("%s cannot be read: %s".formatted(option, e.getMessage()), e);
    }
  }

  /** Number of usable images that have a class. */
  public long count() {
    return catalog.usable() - labels.without();
  }

  /**
   * The same with the class numbers of other images.
   *
   * @throws UserError if they lack a class
   */
  public LabelledImages numberedAs(LabelledImages others) {
    try {
      return new LabelledImages(option, catalog, labels.numberedAs(others.labels().classes()));
    } catch (UserError e) {
      throw new UserError(
          "%s and %s must have the same classes: %s"
              .formatted(others.option, option, e.getMessage()),
          e);
    }
  }

  /**
   * The same without images that have no class. What is known to be unusable stays: it is told of
   * when it is read.
   */
  LabelledImages onlyLabelled() throws IOException {
    if (labels.without() == 0) {
      return this;
    }
    long[] kept =
        LongStream.range(0, catalog.size())
            .filter(id -> labels.of(id) != LabelTable.NONE || !catalog.ref(id).problem().isEmpty())
            .toArray();
    // One after the other: as objects they take ten times what they take in a catalog.
    Iterable<ImageRef> images = () -> LongStream.of(kept).mapToObj(catalog::ref).iterator();
    return new LabelledImages(option, Catalog.of(images, catalog.roots()), labels.of(kept));
  }
}
