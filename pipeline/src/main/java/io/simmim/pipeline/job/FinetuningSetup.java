package io.simmim.pipeline.job;

import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.CatalogValidation;
import io.simmim.pipeline.labelled.StoredSets;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.trainer.classification.FinetuningConfig;
import io.simmim.trainer.classification.ImageLabels;

/** What the trainer of a fine-tuning is told. */
final class FinetuningSetup {
  private FinetuningSetup() {}

  static FinetuningConfig of(SimmimConfig config, StoredSets sets, RunFolder folder) {
    ImageLabels labels = labels(sets.training().labels());
    return new FinetuningConfig(
        config.classifier(labels.classes().size()),
        labels,
        config.settings(),
        config.finetune().layerDecay(),
        config.finetune().recipe(),
        new CatalogValidation.Factory(
            sets.validationImages(),
            labels(sets.validation().labels()),
            config.image(),
            config.fetch(),
            config.training().microBatch(),
            config.finetune().tables() ? folder.root().toString() : null));
  }

  private static ImageLabels labels(LabelTable table) {
    return new ImageLabels(table.classes(), table.toArray());
  }
}
