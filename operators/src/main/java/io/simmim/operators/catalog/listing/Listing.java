package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.util.List;

/**
 * What was found in inputs.
 *
 * @param inputs as they were given
 * @param catalog the images; there may be none
 * @param withoutImages those of the inputs, qualified, in which there is neither an image nor a
 *     shard
 * @param notes lines for people: what was skipped, and what is odd although it is used
 */
public record Listing(
    List<String> inputs, Catalog catalog, List<String> withoutImages, List<String> notes) {
  public Listing {
    inputs = List.copyOf(inputs);
    withoutImages = List.copyOf(withoutImages);
    notes = List.copyOf(notes);
  }

  /**
   * The images.
   *
   * @throws UserError if there is none, or none that can be used
   */
  public Catalog requireImages() {
    if (catalog.size() == 0) {
      throw new UserError(
          "no image (.jpg, .jpeg, .png, or in .tar) under %s%s"
              .formatted(String.join(", ", inputs), remarks()));
    }
    if (catalog.usable() == 0) {
      ImageRef first = catalog.ref(0);
      throw new UserError(
          "no usable image under %s: %s: %s%s"
              .formatted(
                  String.join(", ", inputs),
                  PrintableText.of(first.name()),
                  first.problem(),
                  remarks()));
    }
    return catalog;
  }

  private String remarks() {
    return notes.isEmpty() ? "" : "; " + String.join("; ", notes);
  }
}
