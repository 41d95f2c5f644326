package io.simmim.pipeline.labelled;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a fine-tuning learns from and what it is measured on. Both have the classes of the first.
 *
 * @param training images with labels
 * @param validation images with labels
 */
public record LabelledSets(LabelledImages training, LabelledImages validation) {
  /**
   * Lists images and finds their classes; those without one are left out.
   *
   * @param say takes lines for people
   * @throws UserError if there is no image, or none with a class, or classes differ
   */
  public static LabelledSets list(
      List<String> input,
      List<String> validation,
      FetchConfig fetch,
      RunFolder output,
      Consumer<String> say) {
    List<String> excluded = List.of(output.root().toString());
    LabelledImages training = LabelledImages.list("--input", input, excluded, fetch, say);
    LabelledImages measured = LabelledImages.list("--validation", validation, excluded, fetch, say);
    try {
      return new LabelledSets(
          training.onlyLabelled(), measured.numberedAs(training).onlyLabelled());
    } catch (IOException e) {
      throw new UserError("the images cannot be listed: " + e.getMessage(), e);
    }
  }

  /**
   * Keeps both in the output of a run.
   *
   * @return the catalog that is trained on
   */
  public CatalogReference write(RunFolder folder) {
    try {
      validation.catalog().write(folder.validationCatalog().toString());
      LabelFile.write(validation.labels(), validation.catalog().size(), folder.validationLabels());
      LabelFile.write(training.labels(), training.catalog().size(), folder.labels());
      return training.catalog().write(folder.catalog().toString());
    } catch (IOException e) {
      throw new UserError(
          "cannot write the images and labels of the run to %s: %s"
              .formatted(RunFolder.readable(folder.root()), StorageFailure.reason(e)),
          e);
    }
  }
}
