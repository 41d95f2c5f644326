package io.simmim.operators.image.mask;

import io.simmim.schemas.text.KebabCase;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * Which part of a sample is masked (SimMIM paper, section 3.2).
 *
 * @param strategy how masked patches are chosen
 * @param patchSize side of a mask patch, in pixels
 * @param ratio share of the patches that is masked; the count is rounded up. A file has its own
 * @param squarePlace where the region of {@link MaskType#SQUARE} is
 * @param file the mask of {@link MaskType#FILE}, on any Flink file system; else null
 */
public record MaskConfig(
    MaskType strategy, int patchSize, double ratio, SquarePlace squarePlace, String file)
    implements Serializable {
  public MaskConfig {
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(squarePlace, "squarePlace");
    if (patchSize < 1) {
      throw new IllegalArgumentException("mask.patch-size must be at least 1: " + patchSize);
    }
    if (!(ratio > 0 && ratio < 1)) {
      throw new IllegalArgumentException("mask.ratio must be above 0 and below 1: " + ratio);
    }
    if (strategy == MaskType.FILE && (file == null || file.isBlank())) {
      throw new IllegalArgumentException(
          "mask.file is missing (allowed with mask.strategy file: a text file of 0 and 1)");
    }
    if (strategy != MaskType.FILE && file != null) {
      throw new IllegalArgumentException(
          "mask.file needs mask.strategy file, not %s: %s".formatted(KebabCase.of(strategy), file));
    }
  }

  /** Random patches, the paper's choice. */
  public MaskConfig(int patchSize, double ratio) {
    this(MaskType.RANDOM, patchSize, ratio, SquarePlace.RANDOM, null);
  }

  /**
   * Side of the mask grid.
   *
   * @param imageSize side of the samples, in pixels
   */
  public int gridSide(int imageSize) {
    if (imageSize % patchSize != 0) {
      throw new IllegalArgumentException(
          "mask.patch-size must divide image.size %d: %d".formatted(imageSize, patchSize));
    }
    return imageSize / patchSize;
  }

  /**
   * Refuses what makes no sense with images or model of some size; reads no file.
   *
   * <p>A mask patch that is smaller than a model patch would mask a part of a token. The paper's 4-
   * and 8-pixel mask patches go with models whose patches are not larger: Swin's have 4 pixels. The
   * official code demands the same.
   *
   * @param imageSize side of the samples, in pixels
   * @param modelPatchSize side of what the encoder embeds as one token, in pixels
   * @throws IllegalArgumentException with the reason
   */
  public void requireFits(int imageSize, int modelPatchSize) {
    int side = gridSide(imageSize);
    if (modelPatchSize < 1 || patchSize % modelPatchSize != 0) {
      throw new IllegalArgumentException(
          "mask.patch-size must be a multiple of encoder.patch-size %d, since the encoder masks whole tokens: %d"
              .formatted(modelPatchSize, patchSize));
    }
    if (strategy == MaskType.BLOCK) {
      BlockMask.requireRoom(side);
    }
    int patches = side * side;
    if (strategy != MaskType.FILE && maskedPatches(patches) == patches) {
      throw new IllegalArgumentException(
          "mask.ratio must leave at least one of %d mask patches visible: %s"
              .formatted(patches, ratio));
    }
  }

  /** Number of masked patches among {@code patches}, as the official code rounds it. */
  public int maskedPatches(int patches) {
    return (int) Math.ceil(patches * ratio);
  }

  /**
   * The strategy for samples of one size.
   *
   * @param imageSize side of the samples, in pixels
   * @throws io.simmim.schemas.UserError for a mask file that does not fit
   */
  public MaskStrategy strategyFor(int imageSize) {
    int side = gridSide(imageSize);
    int masked = maskedPatches(side * side);
    return switch (strategy) {
      case RANDOM -> new RandomMask(side, masked);
      case SQUARE -> new SquareMask(side, masked, squarePlace);
      case BLOCK -> new BlockMask(side, masked);
      case FILE -> FileMask.read(file, side);
    };
  }

  /**
   * SHA-256 of what the mask file says, as hexadecimal digits; empty for the other strategies. A
   * file's content decides what is trained, not its name.
   *
   * @param imageSize side of the samples, in pixels
   * @throws io.simmim.schemas.UserError for a mask file that does not fit
   */
  public Optional<String> fileDigest(int imageSize) {
    return strategy == MaskType.FILE
        ? Optional.of(FileMask.read(file, gridSide(imageSize)).digest())
        : Optional.empty();
  }

  /** Whether every image has the same mask. */
  boolean isFixed() {
    return strategy == MaskType.FILE
        || (strategy == MaskType.SQUARE && squarePlace == SquarePlace.CENTRAL);
  }
}
