package io.simmim.pipeline.demo;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.source.fetch.ImageBytes;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.loop.MicroBatch;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.InitialState;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * A picture of what a model reconstructs, one image per column: what it sees, what it makes of it
 * (its prediction where the image is masked, the image elsewhere), and the original.
 */
final class ReconstructionGrid {
  /** Of the normalisation that the model's outputs are in. */
  private static final double[] MEAN = Normalization.mean();

  private static final double[] DEVIATION = Normalization.deviation();
  private static final int GAP = 4;
  private static final int MASK_GRAY = 0x808080;
  private static final int WHITE = 0xFFFFFF;

  private final int size;
  private final TensorChunk chunk;
  private final float[] predicted;

  private ReconstructionGrid(int size, TensorChunk chunk, float[] predicted) {
    this.size = size;
    this.chunk = chunk;
    this.predicted = predicted;
  }

  /**
   * Draws the reconstructions of the first images of a catalog.
   *
   * @param weights the exported parameters of a model with this configuration
   * @param target a PNG
   */
  static void write(SimmimConfig config, Catalog catalog, int columns, Path weights, Path target)
      throws IOException {
    TensorChunk chunk = load(config, catalog, columns);
    try (SafetensorsFile file = SafetensorsFile.open(weights);
        TrainingModel model =
            TrainingModel.create(
                config.trainer(ClusterColors.NONE), new InitialState.Weights(file, ""))) {
      float[] predicted = model.reconstruct(MicroBatch.of(List.of(chunk)));
      BufferedImage grid = new ReconstructionGrid(config.image().size(), chunk, predicted).draw();
      if (!ImageIO.write(grid, "png", target.toFile())) {
        throw new IOException("this Java has no PNG writer (module java.desktop)");
      }
    }
  }

  private static TensorChunk load(SimmimConfig config, Catalog catalog, int columns)
      throws IOException {
    List<EncodedImage> images = new ArrayList<>();
    for (long id = 0; id < Math.min(columns, catalog.size()); id++) {
      ImageRef ref = catalog.ref(id);
      images.add(ImageBytes.read(ref, config.fetch().maxObjectBytes()));
    }
    // An epoch that training did not reach: crops and masks that the model has not seen.
    try (ImagePath path = new ImagePath(config.image(), config.mask(), config.seed())) {
      return path.apply(new EncodedChunk(0, config.training().epochs(), 0, images));
    }
  }

  private BufferedImage draw() {
    int columns = chunk.size();
    BufferedImage grid =
        new BufferedImage(
            columns * (size + GAP) + GAP, 3 * (size + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        grid.setRGB(x, y, WHITE);
      }
    }
    for (int column = 0; column < columns; column++) {
      int left = GAP + column * (size + GAP);
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          boolean masked = isMasked(column, x, y);
          int original = original(column, x, y);
          grid.setRGB(left + x, GAP + y, masked ? MASK_GRAY : original);
          grid.setRGB(left + x, 2 * GAP + size + y, masked ? predicted(column, x, y) : original);
          grid.setRGB(left + x, 3 * GAP + 2 * size + y, original);
        }
      }
    }
    return grid;
  }

  private boolean isMasked(int image, int x, int y) {
    int side = chunk.maskSide();
    int patch = size / side;
    return chunk.masks()[image * side * side + y / patch * side + x / patch] != 0;
  }

  private int original(int image, int x, int y) {
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      rgb = rgb << 8 | (chunk.pixels()[offset(image, channel, x, y)] & 0xFF);
    }
    return rgb;
  }

  private int predicted(int image, int x, int y) {
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      double value = predicted[offset(image, channel, x, y)] * DEVIATION[channel] + MEAN[channel];
      rgb = rgb << 8 | (int) Math.round(255 * Math.max(0, Math.min(1, value)));
    }
    return rgb;
  }

  private int offset(int image, int channel, int x, int y) {
    return ((image * 3 + channel) * size + y) * size + x;
  }
}
