package io.simmim.pipeline.catalog;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.text.PrintableText;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The list of a run over a catalog. */
final class ListedImages implements ImageList {
  private final Catalog catalog;
  private final List<String> inputs;

  /**
   * @param inputs that the catalog was made of; empty if that is not known
   */
  ListedImages(Catalog catalog, List<String> inputs) {
    this.catalog = catalog;
    this.inputs = inputs;
  }

  @Override
  public void list(PrintWriter out, long most) {
    for (long id = 0; id < Math.min(most, catalog.size()); id++) {
      ImageRef image = catalog.ref(id);
      out.printf(
          Locale.ROOT,
          "%d\t%d bytes\t%s%s%n",
          id,
          image.length(),
          PrintableText.of(image.name()),
          image.problem().isEmpty() ? "" : "\t" + PrintableText.of(image.problem()));
    }
  }

  @Override
  public void count(PrintWriter out) {
    long bytes = 0;
    long members = 0;
    for (long id = 0; id < catalog.size(); id++) {
      ImageRef image = catalog.ref(id);
      // What an image that is not whole would have is a claim of its shard.
      bytes += image.problem().isEmpty() ? catalog.length(id) : 0;
      members += image.inShard() ? 1 : 0;
    }
    out.printf(Locale.ROOT, "images     %,d (%,d in tar shards)%n", catalog.size(), members);
    out.printf(Locale.ROOT, "unusable   %,d%n", catalog.size() - catalog.usable());
    out.printf(Locale.ROOT, "bytes      %,d%n", bytes);
    if (inputs.isEmpty()) {
      out.printf("folders    %s%n", PrintableText.of(String.join(", ", catalog.roots())));
    } else {
      out.printf("inputs     %s%n", PrintableText.of(String.join(", ", inputs)));
    }
  }

  @Override
  public void verify(PrintWriter out) {
    // Reading compares the digest of the whole and every entry.
    out.printf(Locale.ROOT, "%,d images, SHA-256 %s: ok%n", catalog.size(), catalog.digest());
  }
}
