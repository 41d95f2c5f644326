package io.simmim.pipeline.labelled;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.IOException;

/**
 * Labels and validation images as a run keeps them: a run that is continued has those that it began
 * with.
 *
 * @param training labels of the images that are trained on
 * @param validation labels of the images that the model is measured on
 * @param validationImages these images
 */
public record StoredSets(
    LabelFile training, LabelFile validation, CatalogReference validationImages) {
  /** Keys of an identity. */
  public static final String LABELS = "finetune.labels";

  public static final String VALIDATION_LABELS = "finetune.validation-labels";
  public static final String VALIDATION_IMAGES = "finetune.validation-images";

  /**
   * Reads what {@link LabelledSets#write} wrote.
   *
   * @throws UserError if it is missing or damaged
   */
  public static StoredSets read(RunFolder folder) {
    try {
      String images = folder.validationCatalog().toString();
      Catalog catalog = Catalog.read(images);
      return new StoredSets(
          LabelFile.read(folder.labels()),
          LabelFile.read(folder.validationLabels()),
          new CatalogReference(images, catalog.digest(), catalog.size()));
    } catch (IOException e) {
      throw new UserError(
          "cannot read the labels of the run in %s: %s"
              .formatted(RunFolder.readable(folder.root()), StorageFailure.reason(e)),
          e);
    }
  }

  /** An identity with what these files hold. */
  public ConfigurationIdentity addTo(ConfigurationIdentity identity) {
    return identity
        .with(LABELS, "sha256:" + training.digest())
        .with(VALIDATION_LABELS, "sha256:" + validation.digest())
        .with(VALIDATION_IMAGES, "sha256:" + validationImages.digest());
  }
}
