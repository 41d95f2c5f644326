package io.simmim.pipeline.run;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.labelled.LabelledSets;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/** The list of images of a run that does not get more: read again, or made at the first start. */
final class RunCatalog {
  private RunCatalog() {}

  /**
   * Reads the list of a run that goes on.
   *
   * @throws UserError if it cannot be read, as of a run that was moved
   */
  static CatalogReference load(CatalogReference reference, RunFolder folder) {
    try {
      Catalog.read(reference);
      return reference;
    } catch (IOException | UserError e) {
      if (!reference.path().equals(folder.catalog().toString())) {
        throw moved(reference, folder, e);
      }
      throw e instanceof UserError mistake ? mistake : unreadable(reference, (IOException) e);
    }
  }

  /** Checkpoints name the list by its whole path. */
  private static UserError moved(CatalogReference reference, RunFolder folder, Exception e) {
    return new UserError(
        "the run in %s continues only where it began, in %s (%s): move it back"
            .formatted(
                RunFolder.readable(folder.root()),
                RunFolder.readable(new Path(reference.path()).getParent()),
                e.getMessage()),
        e);
  }

  static UserError unreadable(CatalogReference reference, IOException e) {
    return new UserError(
        "cannot read catalog %s: %s".formatted(reference.path(), e.getMessage()), e);
  }

  /** Refuses a configuration without images. */
  static void requireInput(SimmimConfig config) {
    if (config.data().input().isEmpty()) {
      throw new UserError(
          "--input is missing (allowed: folders, images or tar shards on any Flink file system)");
    }
  }

  static CatalogReference list(
      SimmimConfig config, RunFolder folder, RunLease lease, Consumer<String> say) {
    requireInput(config);
    if (config.finetune().isOn()) {
      LabelledSets sets =
          LabelledSets.list(
              config.data().input(), config.finetune().validation(), config.fetch(), folder, say);
      PreparedRun.plan(config, sets.training().catalog().size());
      lease.require();
      return sets.write(folder);
    }
    Catalog images = InputImages.list(config, folder, say);
    // Refuses too few images before anything is written.
    PreparedRun.plan(config, images.size());
    lease.require(); // it may have taken an hour
    try {
      return images.write(folder.catalog().toString());
    } catch (IOException e) {
      throw new UserError(
          "cannot write catalog %s: %s".formatted(folder.catalog(), e.getMessage()), e);
    }
  }
}
