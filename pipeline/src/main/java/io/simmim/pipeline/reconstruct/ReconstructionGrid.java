package io.simmim.pipeline.reconstruct;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture of what a model reconstructs: an image per column, in rows that can be chosen. Where
 * the columns would be too many beside each other, they are put into bands, one below the other.
 */
public final class ReconstructionGrid {
  /** What a row shows. */
  public enum Row {
    /** The image as it is. */
    ORIGINAL,
    /** What the model sees: the image, gray where it is masked. */
    MASKED,
    /** What the model predicts, everywhere. It has learned to predict what is masked. */
    PREDICTED,
    /** The prediction where the image is masked, the image elsewhere. */
    PASTED
  }

  private static final int GAP = 4;
  private static final int MASK_GRAY = 0x808080;
  private static final int WHITE = 0xFFFFFF;
  private static final int EMPTY = 0xE8E8E8;
  private static final int CROSS = 0xC05050;

  /** Between bands, besides the gap between rows. */
  private static final int BAND_GAP = 12;

  private final int size;
  private final Normalization normalization;
  private final List<Column> columns = new ArrayList<>();

  /** One image: (3, S, S) uint8, (G, G) and (3, S, S) or nothing; without pixels there is none. */
  private record Column(byte[] pixels, byte[] mask, float[] predicted) {
    static final Column NONE = new Column(new byte[0], new byte[0], new float[0]);
  }

  /**
   * An empty grid.
   *
   * @param size side S of the images, in pixels
   * @param normalization of what is predicted
   */
  public ReconstructionGrid(int size, Normalization normalization) {
    this.size = size;
    this.normalization = normalization;
  }

  /**
   * Adds images at the right.
   *
   * @param images of n samples
   * @param predicted (n, 3, S, S), normalised as the model's input
   */
  public void add(TensorChunk images, float[] predicted) {
    add(images, predicted, 3 * size * size);
  }

  /** Adds images of which nothing is predicted: for rows that show no prediction. */
  public void add(TensorChunk images) {
    add(images, new float[0], 0);
  }

  /** Leaves a column for an image that is not there. */
  public void addEmpty() {
    columns.add(Column.NONE);
  }

  private void add(TensorChunk images, float[] predicted, int predictedValues) {
    int values = 3 * size * size;
    int patches = images.maskSide() * images.maskSide();
    for (int i = 0; i < images.size(); i++) {
      columns.add(
          new Column(
              Arrays.copyOfRange(images.pixels(), i * values, (i + 1) * values),
              Arrays.copyOfRange(images.masks(), i * patches, (i + 1) * patches),
              Arrays.copyOfRange(predicted, i * predictedValues, (i + 1) * predictedValues)));
    }
  }

  /** Number of images. */
  public int size() {
    return columns.size();
  }

  /** Writes the picture as PNG, all columns beside each other. */
  public void write(OutputStream target, List<Row> rows) throws IOException {
    write(target, rows, columns.size());
  }

  /**
   * Writes the picture as PNG.
   *
   * @param most columns beside each other
   */
  public void write(OutputStream target, List<Row> rows, int most) throws IOException {
    // In memory: the file that ImageIO would make instead needs a hook at the end of the process,
    // which is refused while that ends, and runs draw until their savepoint is taken.
    try (ImageOutputStream png = new MemoryCacheImageOutputStream(target)) {
      if (!ImageIO.write(draw(rows, most), "png", png)) {
        throw new IOException("this Java has no PNG writer (module java.desktop)");
      }
    }
  }

  /** Draws the picture. */
  BufferedImage draw(List<Row> rows, int most) {
    int bands = (columns.size() + most - 1) / most;
    int band = rows.size() * (size + GAP) + BAND_GAP;
    BufferedImage grid =
        new BufferedImage(
            Math.min(most, columns.size()) * (size + GAP) + GAP,
            bands * band - BAND_GAP + GAP,
            BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        grid.setRGB(x, y, WHITE);
      }
    }
    for (int column = 0; column < columns.size(); column++) {
      for (int row = 0; row < rows.size(); row++) {
        int left = GAP + column % most * (size + GAP);
        int top = GAP + column / most * band + row * (size + GAP);
        for (int y = 0; y < size; y++) {
          for (int x = 0; x < size; x++) {
            grid.setRGB(left + x, top + y, rgb(columns.get(column), rows.get(row), x, y));
          }
        }
      }
    }
    return grid;
  }

  private int rgb(Column column, Row row, int x, int y) {
    if (column.pixels.length == 0) {
      return x == y || x == size - 1 - y ? CROSS : EMPTY;
    }
    return switch (row) {
      case ORIGINAL -> original(column, x, y);
      case MASKED -> isMasked(column, x, y) ? MASK_GRAY : original(column, x, y);
      case PREDICTED -> predicted(column, x, y);
      case PASTED -> isMasked(column, x, y) ? predicted(column, x, y) : original(column, x, y);
    };
  }

  private boolean isMasked(Column column, int x, int y) {
    int side = (int) Math.sqrt(column.mask.length);
    int patch = size / side;
    return column.mask[y / patch * side + x / patch] != 0;
  }

  private int original(Column column, int x, int y) {
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      rgb = rgb << 8 | (column.pixels[offset(channel, x, y)] & 0xFF);
    }
    return rgb;
  }

  private int predicted(Column column, int x, int y) {
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      double value =
          column.predicted[offset(channel, x, y)] * normalization.deviation().get(channel)
              + normalization.mean().get(channel);
      rgb = rgb << 8 | (int) Math.round(255 * Math.max(0, Math.min(1, value)));
    }
    return rgb;
  }

  private int offset(int channel, int x, int y) {
    return (channel * size + y) * size + x;
  }
}
