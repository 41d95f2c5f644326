package io.simmim.operators.image.mask;

import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;

/**
 * AvgDist (SimMIM paper, section 3.2 and figure 3): the mean Euclidean distance, in pixels, of
 * masked pixels to the nearest visible pixel. Exact: distances along columns first, then for each
 * pixel the best column around it (Saito and Toriwaki, "New algorithms for Euclidean distance
 * transformation", 1994). Not thread-safe.
 */
public final class AvgDist {
  private static final int MIN_MASKS = 32;

  /** What a run reports on: as many masks as take well below a second. */
  private static final int RUN_MASKS = 1000;

  private static final long RUN_PIXELS = 40_000_000;

  private final int side;
  private final int patch;
  private final int grid;

  /**
   * Per row and column of patches: squared distance to the nearest visible pixel above or below.
   */
  private final int[] squared;

  /** More than any squared distance within the image. */
  private final int far;

  /**
   * @param imageSize side of the images, in pixels
   * @param patchSize side of a mask patch, in pixels; divides {@code imageSize}
   */
  public AvgDist(int imageSize, int patchSize) {
    side = imageSize;
    patch = patchSize;
    grid = new MaskConfig(patchSize, 0.5).gridSide(imageSize);
    squared = new int[side * grid];
    far = 4 * side * side;
  }

  /**
   * AvgDist of one mask.
   *
   * @param mask (…, G, G), uint8, 1 = masked
   * @param offset first element of this mask; at least one patch must be masked, one visible
   */
  public double of(byte[] mask, int offset) {
    int masked = 0;
    for (int i = 0; i < grid * grid; i++) {
      masked += mask[offset + i] != 0 ? 1 : 0;
    }
    if (masked == 0 || masked == grid * grid) {
      throw new IllegalArgumentException(
          "AvgDist needs masked and visible patches: %d of %d are masked"
              .formatted(masked, grid * grid));
    }
    for (int column = 0; column < grid; column++) {
      scanColumn(mask, offset, column);
    }
    double sum = 0;
    for (int y = 0; y < side; y++) {
      for (int column = 0; column < grid; column++) {
        sum = addDistances(sum, y * grid, column);
      }
    }
    return sum / ((double) masked * patch * patch);
  }

  private void scanColumn(byte[] mask, int offset, int column) {
    int distance = 2 * side;
    for (int y = 0; y < side; y++) {
      distance = mask[offset + y / patch * grid + column] != 0 ? distance + 1 : 0;
      squared[y * grid + column] = distance;
    }
    distance = 2 * side;
    for (int y = side - 1; y >= 0; y--) {
      int at = y * grid + column;
      distance = squared[at] == 0 ? 0 : distance + 1;
      int best = Math.min(squared[at], distance);
      squared[at] = best >= side ? far : best * best;
    }
  }

  /** Adds those of one patch's pixels in a row, which are zero if it is visible. */
  private double addDistances(double sum, int row, int column) {
    if (squared[row + column] == 0) {
      return sum;
    }
    for (int x = column * patch; x < (column + 1) * patch; x++) {
      sum += Math.sqrt(nearest(row, column, x));
    }
    return sum;
  }

  /**
   * Squared distance of pixel x to the nearest visible one; columns farther than it do not count.
   */
  private int nearest(int row, int own, int x) {
    int best = squared[row + own];
    for (int column = own - 1; column >= 0; column--) {
      int across = x - (column * patch + patch - 1);
      if (across * across >= best) {
        break;
      }
      best = Math.min(best, across * across + squared[row + column]);
    }
    for (int column = own + 1; column < grid; column++) {
      int across = column * patch - x;
      if (across * across >= best) {
        break;
      }
      best = Math.min(best, across * across + squared[row + column]);
    }
    return best;
  }

  /**
   * AvgDist of the masks of a run: those of the first positions of its first epoch, or all of the
   * only mask that there is.
   *
   * @param imageSize side of the images, in pixels
   * @param seed the run's seed
   */
  public static Estimate ofRun(int imageSize, MaskConfig config, long seed) {
    long fit = RUN_PIXELS / ((long) imageSize * imageSize);
    int masks = (int) Math.max(MIN_MASKS, Math.min(RUN_MASKS, fit));
    return estimate(imageSize, config, seed, 0, masks);
  }

  /**
   * Mean and standard error over a run's masks: as many as it takes to reach a precision, at least
   * 32.
   *
   * @param imageSize side of the images, in pixels
   * @param seed the run's seed
   * @param relativeError standard error divided by mean at which to stop
   * @param maxMasks number of masks at which to stop anyway
   */
  public static Estimate estimate(
      int imageSize, MaskConfig config, long seed, double relativeError, int maxMasks) {
    AvgDist distance = new AvgDist(imageSize, config.patchSize());
    MaskStrategy strategy = config.strategyFor(imageSize);
    int most = config.isFixed() ? 1 : maxMasks;
    double mean = 0;
    double squares = 0;
    int masks = 0;
    Estimate estimate;
    do {
      byte[] mask = new byte[strategy.patches()];
      strategy.mask(new Philox(seed, Purpose.MASK, 0, masks++), mask, 0);
      double value = distance.of(mask, 0);
      double delta = value - mean;
      mean += delta / masks;
      squares += delta * (value - mean);
      double error = Math.sqrt(squares / (masks * Math.max(1.0, masks - 1.0)));
      estimate = new Estimate(mean, error, masks);
    } while (masks < most
        && (masks < MIN_MASKS || estimate.standardError() > relativeError * mean));
    return estimate;
  }

  /**
   * A mean over masks.
   *
   * @param mean in pixels
   * @param standardError of the mean, in pixels
   * @param masks how many masks it is the mean of
   */
  public record Estimate(double mean, double standardError, int masks) {}
}
