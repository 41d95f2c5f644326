package io.simmim.pipeline.embed;

import io.simmim.operators.catalog.label.FolderClass;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.schemas.ImageRef;
import java.io.Serializable;
import java.util.List;

/** The classes of images; travels with the job. */
public sealed interface ImageLabels extends Serializable {
  /** The name of an image's class; empty if it has none. */
  String of(ImageRef image);

  /** No image has a class. */
  record None() implements ImageLabels {
    @Override
    public String of(ImageRef image) {
      return "";
    }
  }

  /** Those of a catalog, by the numbers of its images. */
  record Listed(LabelTable table) implements ImageLabels {
    @Override
    public String of(ImageRef image) {
      int number = table.of(image.sampleId());
      return number == LabelTable.NONE ? "" : table.classes().get(number);
    }
  }

  /** What the folders of images that keep arriving tell. */
  record Folders(FolderClass folders) implements ImageLabels {
    /**
     * @param inputs the folders that images arrive in
     */
    public Folders(List<String> inputs) {
      this(new FolderClass(inputs));
    }

    @Override
    public String of(ImageRef image) {
      return folders.of(image).orElse("");
    }
  }
}
