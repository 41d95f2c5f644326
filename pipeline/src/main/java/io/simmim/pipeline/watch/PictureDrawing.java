package io.simmim.pipeline.watch;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.source.reader.CatalogReader;
import io.simmim.pipeline.reconstruct.ReconstructionGrid;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Draws what a model makes of the same masked images each time. They are decoded once and kept: 3 ·
 * S² bytes each.
 */
final class PictureDrawing {
  private static final List<Row> ROWS =
      List.of(Row.MASKED, Row.PREDICTED, Row.PASTED, Row.ORIGINAL);

  private final WatchConfig config;
  private List<TensorChunk> images = List.of();

  PictureDrawing(WatchConfig config) {
    this.config = config;
  }

  /**
   * The picture as PNG: an image per column, from above what the model sees, what it predicts, the
   * prediction pasted in, and the image. An image that cannot be used has an empty column.
   */
  byte[] draw(FrozenEncoder encoder) throws IOException {
    if (images.isEmpty()) {
      images = decoded();
    }
    ReconstructionGrid grid =
        new ReconstructionGrid(config.limits().size(), encoder.normalization());
    for (TensorChunk image : images) {
      if (image.size() == 0) {
        grid.addEmpty();
      } else {
        grid.add(image, encoder.picture(image));
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    grid.write(png, ROWS);
    return png.toByteArray();
  }

  private List<TensorChunk> decoded() throws IOException {
    List<TensorChunk> chunks = new ArrayList<>();
    try (CatalogReader reader =
            new CatalogReader(Catalog.read(config.images().pictures()), config.fetch(), 1);
        ImagePath path =
            new ImagePath(
                config.limits(),
                new EvaluationAugmentation(config.limits().size()),
                config.mask(),
                config.seed())) {
      for (Optional<EncodedChunk> chunk = reader.next(); chunk.isPresent(); chunk = reader.next()) {
        chunks.add(path.apply(chunk.get()));
      }
    } catch (UncheckedIOException e) { // of an image that is handed over by itself
      throw e.getCause();
    }
    chunks.sort(Comparator.comparingLong(TensorChunk::index));
    return chunks;
  }
}
