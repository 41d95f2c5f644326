package io.simmim.pipeline.reconstruct;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.augment.EvaluationAugmentation;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.evaluate.UnlabelledImages;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.pipeline.run.LocalFileSystems;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.storage.WholeFile;
import io.simmim.trainer.inference.FrozenEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * One picture of what a model makes of masked images.
 *
 * @param model folder of an exported model, or output of a run
 * @param input images: files, folders or tar shards, of which the first ones are shown
 * @param target a PNG, on any Flink file system
 * @param mask which part of the images is hidden
 * @param images most that are shown, 1 to {@link #MOST_IMAGES}
 * @param seed of random masks
 * @param device of the model
 */
public record Reconstruction(
    String model,
    List<String> input,
    String target,
    MaskChoice mask,
    int images,
    long seed,
    String device) {
  /** More columns are no picture any more. */
  public static final int MOST_IMAGES = 64;

  /** What the rows show, from above. */
  public static final String ROWS_TEXT = "original, masked, prediction, prediction pasted in";

  private static final List<Row> ROWS =
      List.of(Row.ORIGINAL, Row.MASKED, Row.PREDICTED, Row.PASTED);

  /** Images that cannot be decoded are passed over, but not a whole bucket of them. */
  private static final int MOST_LEFT_OUT = 100;

  /**
   * Refuses what makes no picture.
   *
   * @throws UserError with what is allowed
   */
  public Reconstruction {
    if (images < 1 || images > MOST_IMAGES) {
      throw new UserError("--images must be 1 to %d: %d".formatted(MOST_IMAGES, images));
    }
    if (!target.toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new UserError("--to must be a .png file: " + target);
    }
  }

  /**
   * Draws it.
   *
   * @param config tells how storage is reached, and limits what is decoded
   * @param say takes lines for people; the last one is the picture
   */
  public void run(SimmimConfig config, Consumer<String> say) throws IOException {
    LocalFileSystems.initialize(config.flink(), config.fetch(), 1);
    Path file = StorageUri.path("--to", target);
    ModelFolder folder = ModelFolder.find(model);
    folder.requirePrediction();
    folder.notes().forEach(say);
    MaskStrategy strategy = mask.strategyFor(folder.description().model());
    Catalog catalog = UnlabelledImages.list(input, config.fetch(), say);
    int size = folder.imageSize();
    ReconstructionGrid grid =
        new ReconstructionGrid(size, folder.description().model().normalization());
    try (FrozenEncoder encoder = folder.open(device);
        ImageReader reader = new ImageReader(config.fetch(), new CatalogRoots(catalog.roots()));
        ImagePath path =
            new ImagePath(
                config.image().withSize(size), new EvaluationAugmentation(size), strategy, seed)) {
      int leftOut = 0;
      for (long id = 0; id < catalog.size() && grid.size() < images; id++) {
        EncodedImage image = reader.read(catalog.ref(id));
        TensorChunk shown = path.apply(new EncodedChunk(id, 0, id, List.of(image)));
        for (RejectedImage rejected : shown.rejected()) {
          say.accept("left out: %s: %s".formatted(rejected.uri(), rejected.reason()));
          leftOut++;
        }
        if (shown.size() > 0) {
          grid.add(shown, encoder.picture(shown));
        }
        if (leftOut >= MOST_LEFT_OUT) {
          break;
        }
      }
    }
    if (grid.size() == 0) {
      throw new UserError("--input has no image that can be decoded: " + String.join(", ", input));
    }
    write(grid, file);
    say.accept(
        "%d %s; rows: %s".formatted(grid.size(), grid.size() == 1 ? "image" : "images", ROWS_TEXT));
    say.accept(RunFolder.readable(file));
  }

  private static void write(ReconstructionGrid grid, Path file) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    grid.write(png, ROWS);
    try {
      WholeFile.write(file, png.toByteArray());
    } catch (IOException e) {
      throw new UserError(
          "cannot write %s: %s".formatted(RunFolder.readable(file), StorageFailure.reason(e)), e);
    }
  }
}
