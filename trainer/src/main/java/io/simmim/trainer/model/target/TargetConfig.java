package io.simmim.trainer.model.target;

import io.simmim.schemas.text.KebabCase;
import java.io.Serializable;
import java.util.Objects;

/**
 * What the model learns to predict.
 *
 * @param type what is said about each target pixel
 * @param downsampling side in image pixels of a target pixel, which is their mean; 1 for the full
 *     resolution
 * @param normPatchSize side of the neighbourhood in pixels whose mean and deviation each target
 *     pixel is normalised by, odd, as SwinV2's pre-training does with 47; 0 for the pixels as they
 *     are
 * @param normPerCell whether targets are normalised by mean and deviation of their cell, as MAE
 *     does
 * @param bins ranges per channel of {@link TargetType#BINS}
 * @param clusters number of colours of {@link TargetType#CLUSTERS}
 * @param clusterFile file that has these colours, on any Flink file system; null if they are to be
 *     found in the images
 */
public record TargetConfig(
    TargetType type,
    int downsampling,
    int normPatchSize,
    boolean normPerCell,
    int bins,
    int clusters,
    String clusterFile)
    implements Serializable {
  /** The pixels as they are: SimMIM's default. */
  public static final TargetConfig PIXELS = pixels(1, 0);

  /** The pixels of a cell relative to their mean and deviation: MAE's default. */
  public static final TargetConfig PIXELS_NORMALISED_PER_CELL =
      new TargetConfig(TargetType.PIXELS, 1, 0, true, 8, 512, null);

  private static final int MAX_DOWNSAMPLING = 32;
  private static final int MAX_BINS = 256;
  private static final int MAX_CLUSTERS = 4096;

  public TargetConfig {
    Objects.requireNonNull(type, "type");
    if (downsampling < 1
        || downsampling > MAX_DOWNSAMPLING
        || Integer.bitCount(downsampling) != 1) {
      throw new IllegalArgumentException(
          "target.downsampling must be 1, 2, 4, 8, 16 or 32: " + downsampling);
    }
    if (normPatchSize != 0 && (normPatchSize < 3 || normPatchSize % 2 == 0)) {
      throw new IllegalArgumentException(
          "target.norm-patch-size must be 0 (off) or odd and at least 3: " + normPatchSize);
    }
    if (bins < 2 || bins > MAX_BINS) {
      throw new IllegalArgumentException("target.bins must be between 2 and 256: " + bins);
    }
    if (clusters < 2 || clusters > MAX_CLUSTERS) {
      throw new IllegalArgumentException("target.clusters must be between 2 and 4096: " + clusters);
    }
    if (clusterFile != null && type != TargetType.CLUSTERS) {
      throw new IllegalArgumentException(
          "target.cluster-file needs target.type clusters, not %s: %s"
              .formatted(KebabCase.of(type), clusterFile));
    }
    if (normPerCell && normPatchSize > 0) {
      throw new IllegalArgumentException(
          "target.norm-per-cell and target.norm-patch-size exclude each other: true, "
              + normPatchSize);
    }
    if (type != TargetType.PIXELS && (normPerCell || normPatchSize > 0)) {
      throw new IllegalArgumentException(
          "colours are not normalised: target.norm-per-cell and target.norm-patch-size must be off with target.type "
              + KebabCase.of(type));
    }
  }

  /** Pixels of a resolution, which may be normalised by their neighbourhood. */
  public static TargetConfig pixels(int downsampling, int normPatchSize) {
    return new TargetConfig(TargetType.PIXELS, downsampling, normPatchSize, false, 8, 512, null);
  }

  /** Numbers that a head says about each target pixel. */
  public int channels() {
    return switch (type) {
      case PIXELS -> 3;
      case BINS -> 3 * bins;
      case CLUSTERS -> clusters;
    };
  }
}
