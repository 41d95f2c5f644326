package io.simmim.pipeline.demo;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.reconstruct.ReconstructionGrid;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demo's model makes of some of its images, cropped and masked as in training, but in
 * another way than it has seen them.
 */
final class DemoPicture {
  private static final int COLUMNS = 10;
  private static final List<Row> ROWS = List.of(Row.MASKED, Row.PASTED, Row.ORIGINAL);

  private DemoPicture() {}

  /**
   * Draws it.
   *
   * @param model folder of the exported model, or the run's output
   * @param target a PNG
   */
  static void write(SimmimConfig config, Catalog catalog, String model, Path target)
      throws IOException {
    TensorChunk images = load(config, catalog);
    try (FrozenEncoder encoder = ModelFolder.find(model).open(config.training().device());
        OutputStream png = Files.newOutputStream(target)) {
      ReconstructionGrid grid =
          new ReconstructionGrid(config.image().size(), encoder.normalization());
      grid.add(images, encoder.picture(images));
      grid.write(png, ROWS);
    }
  }

  private static TensorChunk load(SimmimConfig config, Catalog catalog) throws IOException {
    List<EncodedImage> images = new ArrayList<>();
    try (ImageReader reader = new ImageReader(config.fetch(), new CatalogRoots(catalog.roots()))) {
      for (long id = 0; id < Math.min(COLUMNS, catalog.size()); id++) {
        images.add(reader.read(catalog.ref(id)));
      }
    }
    // An epoch that training did not reach.
    try (ImagePath path = new ImagePath(config.image(), config.mask(), config.seed())) {
      return path.apply(new EncodedChunk(0, config.training().epochs(), 0, images));
    }
  }
}
