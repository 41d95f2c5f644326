package io.simmim.pipeline.catalog;

import io.simmim.pipeline.run.StoredImages;

/** Makes the list that people see of what is stored. */
public final class ImageLists {
  private ImageLists() {}

  public static ImageList of(StoredImages stored) {
    return stored
        .catalog()
        .<ImageList>map(catalog -> new ListedImages(catalog, stored.inputs()))
        .orElseGet(
            () -> {
              var log = stored.log().orElseThrow();
              return new ArrivedImages(
                  log, log.complete(), stored.checkpoint().orElse(""), stored.trainedSteps());
            });
  }
}
