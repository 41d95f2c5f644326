package io.simmim.pipeline.watch;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.Serializable;
import java.util.Locale;
import org.apache.flink.core.fs.Path;

/**
 * The images that a model is looked at with, as the output of its run keeps them.
 *
 * @param pictures images that pictures show; null for none
 * @param rank images whose features have a rank; null for none
 * @param bank images with classes among which neighbours are looked for; null for none
 * @param validation images with classes that are classified; null for none
 */
public record WatchedImages(
    CatalogReference pictures, CatalogReference rank, Labelled bank, Labelled validation)
    implements Serializable {
  /**
   * Images with their classes.
   *
   * @param option the key that named them
   * @param labels file with the classes
   */
  record Labelled(String option, CatalogReference images, String labels) implements Serializable {
    LabelledImages read() throws IOException {
      Catalog catalog = Catalog.read(images);
      LabelTable table = LabelFile.read(new Path(labels)).labels();
      if (table.size() != catalog.size()) {
        throw new UserError(
            String.format(
                Locale.ROOT,
                "%s is damaged: it has the classes of %d images instead of %d",
                labels,
                table.size(),
                catalog.size()));
      }
      return new LabelledImages(option, catalog, table);
    }
  }
}
