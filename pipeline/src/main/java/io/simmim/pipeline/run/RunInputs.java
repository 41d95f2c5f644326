package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageUri;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.Path;

/**
 * What the lists of images of a run were made of: qualified URIs in ascending order.
 *
 * @param images that are trained on
 * @param validation that a fine-tuning is measured on; else empty
 */
record RunInputs(List<String> images, List<String> validation) {
  RunInputs {
    images = List.copyOf(images);
    validation = List.copyOf(validation);
  }

  /**
   * Those of a configuration, whether they exist or not.
   *
   * @throws UserError if one cannot be a URI of images
   */
  static RunInputs of(SimmimConfig config) {
    return new RunInputs(
        qualified(config.data().input()), qualified(config.finetune().validation()));
  }

  /**
   * Refuses no inputs, and those that are not there, where they are to be listed for an output that
   * is not there either: so nothing is left of a command that was mistyped.
   *
   * @throws UserError that names the first one
   */
  static void requireThere(SimmimConfig config) {
    Path output = StorageUri.path("output", config.output());
    try {
      if (RunFolder.exists(output.getFileSystem(), output)) {
        return;
      }
    } catch (IOException e) {
      return; // whoever opens it says what is wrong
    }
    requireListed(config);
  }

  /**
   * Refuses no inputs, and those that are not there, where they are to be listed.
   *
   * @throws UserError that names the first one
   */
  static void requireListed(SimmimConfig config) {
    if (!config.continuous().isOn()) {
      RunCatalog.requireInput(config);
    }
    if (!config.continuous().isOn() || config.continuous().follow()) {
      CatalogLister.existing(config.data().input());
      CatalogLister.existing(config.finetune().validation());
    }
  }

  private static List<String> qualified(List<String> uris) {
    return CatalogLister.qualified(uris).stream().sorted().toList();
  }

  /**
   * Refuses to go on with other ones. A run that is continued without --input keeps its own.
   *
   * @throws UserError that says what differs
   */
  void requireSame(RunInputs now, RunFolder folder) {
    String wayOut = "without --input it goes on with its own; ";
    requireSame("--input", images, now.images, wayOut, folder);
    requireSame("--validation", validation, now.validation, "", folder);
  }

  private static void requireSame(
      String option, List<String> before, List<String> now, String wayOut, RunFolder folder) {
    if (!now.isEmpty() && !now.equals(before)) {
      throw new UserError(
          "the run in %s has other images (%s--resume none starts over; or choose another --output): %s was %s and is %s"
              .formatted(readable(folder.root()), wayOut, option, shown(before), shown(now)));
    }
  }

  private static String shown(List<String> uris) {
    return uris.stream().map(uri -> readable(new Path(uri))).collect(Collectors.joining(", "));
  }
}
