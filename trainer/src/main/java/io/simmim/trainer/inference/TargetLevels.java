package io.simmim.trainer.inference;

import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.TargetConfig;

/**
 * Turns predictions of normalised targets into pixels. What a pixel is relative to the mean and the
 * deviation of its cell or its neighbourhood tells neither level nor contrast: those of the image
 * itself are taken, also where it was masked. Mean and deviation are those that {@code
 * target.torchscript} normalises by; where target pixels are means of several and the neighbourhood
 * is that of a pixel, each pixel has its own.
 */
final class TargetLevels {
  private static final int CHANNELS = 3;
  private static final double EPSILON = 1e-6;

  private final TargetConfig target;
  private final int size;
  private final int cell;

  TargetLevels(ModelConfig model) {
    target = model.target();
    size = model.imageSize();
    cell = model.encoder().stride();
  }

  /** Whether there is anything to do. */
  boolean areLost() {
    return target.normPerCell() || target.normPatchSize() > 0;
  }

  /**
   * Puts them into predictions, in place.
   *
   * @param predicted (m, 3, S, S), relative to what the targets were normalised by
   * @param pixels (m, 3, S, S), the images, normalised as the model's input
   */
  void restore(float[] predicted, float[] pixels) {
    int area = size * size;
    for (int image = 0; image < pixels.length; image += CHANNELS * area) {
      if (target.normPerCell()) {
        restoreCells(predicted, pixels, image);
      } else {
        for (int channel = 0; channel < CHANNELS; channel++) {
          restoreNeighbourhoods(predicted, pixels, image + channel * area);
        }
      }
    }
  }

  private void restoreCells(float[] predicted, float[] pixels, int image) {
    for (int top = 0; top < size; top += cell) {
      for (int left = 0; left < size; left += cell) {
        restoreCell(predicted, pixels, image + top * size + left);
      }
    }
  }

  private void restoreCell(float[] predicted, float[] pixels, int first) {
    int step = target.downsampling();
    int perSide = cell / step;
    double[] values = new double[CHANNELS * perSide * perSide];
    double mean = 0;
    for (int i = 0; i < values.length; i++) {
      int channel = i / (perSide * perSide);
      int row = i / perSide % perSide * step;
      values[i] = mean(pixels, first + (channel * size + row) * size + i % perSide * step, step);
      mean += values[i] / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(squares / (values.length - 1) + EPSILON);
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int y = 0; y < cell; y++) {
        int line = first + (channel * size + y) * size;
        for (int at = line; at < line + cell; at++) {
          predicted[at] = (float) (predicted[at] * deviation + mean);
        }
      }
    }
  }

  /** Of a square of pixels. */
  private double mean(float[] pixels, int first, int side) {
    double sum = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        sum += pixels[first + y * size + x];
      }
    }
    return sum / (side * side);
  }

  private void restoreNeighbourhoods(float[] predicted, float[] pixels, int plane) {
    int reach = target.normPatchSize() / 2;
    double[] sums = new double[(size + 1) * (size + 1)];
    double[] squares = new double[sums.length];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double value = pixels[plane + y * size + x];
        int at = (y + 1) * (size + 1) + x + 1;
        int above = at - size - 1;
        sums[at] = value + sums[at - 1] + sums[above] - sums[above - 1];
        squares[at] = value * value + squares[at - 1] + squares[above] - squares[above - 1];
      }
    }
    for (int y = 0; y < size; y++) {
      int top = Math.max(0, y - reach) * (size + 1);
      int bottom = Math.min(size, y + reach + 1) * (size + 1);
      for (int x = 0; x < size; x++) {
        int left = Math.max(0, x - reach);
        int right = Math.min(size, x + reach + 1);
        double count = (double) (bottom - top) / (size + 1) * (right - left);
        double mean = within(sums, top, bottom, left, right) / count;
        double square = within(squares, top, bottom, left, right) / count;
        double variance = Math.max(0, square - mean * mean) * count / (count - 1);
        int at = plane + y * size + x;
        predicted[at] = (float) (predicted[at] * Math.sqrt(variance + EPSILON) + mean);
      }
    }
  }

  private static double within(double[] sums, int top, int bottom, int left, int right) {
    return sums[bottom + right] - sums[bottom + left] - sums[top + right] + sums[top + left];
  }
}
