package io.simmim.operators.arrival;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.core.fs.Path;

/**
 * Makes a catalog of what continuous runs have collected and is there: of each object the version
 * that came last, unless it is gone.
 */
public final class ArrivalCatalog {
  private final UnsortedImages images = new UnsortedImages();
  private final TreeSet<String> roots = new TreeSet<>();

  ArrivalCatalog() {}

  /**
   * A catalog of the images in the logs of some folders.
   *
   * @throws UserError if a folder holds no log, a damaged one, or there is no image in them
   */
  public static Catalog of(List<String> folders) {
    try {
      ArrivalCatalog collected = new ArrivalCatalog();
      for (String folder : folders) {
        collected.addAll(ArrivalLogFiles.readNewest(new Path(folder)));
      }
      Catalog catalog = collected.catalog();
      if (catalog.size() == 0) {
        throw new UserError("no image has arrived in " + String.join(", ", folders));
      }
      return catalog;
    } catch (IOException e) {
      throw new UserError(
          "cannot read the log of arrivals in %s: %s"
              .formatted(String.join(", ", folders), e.getMessage()),
          e);
    }
  }

  void addAll(ArrivalLog log) throws IOException {
    roots.addAll(log.roots());
    log.forEachImage(
        (id, image) -> {
          if (!log.isDeleted(id, log.chunks())) {
            images.add(image.ref(id));
          }
        });
  }

  Catalog catalog() throws IOException {
    return images.catalog(List.copyOf(roots));
  }
}
