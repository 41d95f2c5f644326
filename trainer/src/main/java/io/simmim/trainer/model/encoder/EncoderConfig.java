package io.simmim.trainer.model.encoder;

import io.simmim.schemas.text.KebabCase;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Shape of the encoder. Defaults of the paper's ViT-B: patch 16, width 768, 12 blocks of 12 heads,
 * shared relative position bias, layer scale 0.1, stochastic depth 0.1.
 *
 * @param type architecture
 * @param patchSize side of a model patch in pixels
 * @param embedDim width C of the token vectors, of the first stage where there are several; each
 *     further stage doubles it. Of a ResNet the width of its stem
 * @param depth number of blocks, of each stage; a ViT has one stage
 * @param numHeads attention heads per block, of each stage; divides the stage's width; empty for a
 *     ResNet
 * @param windowSize side of the attention windows of a Swin in patches; 0 for the others
 * @param mainNormInterval blocks between two norms on the main branch of a SwinV2, counted within
 *     each stage; 0 for none
 * @param pretrainedWindowSizes of each stage of a SwinV2 the side of the windows that its position
 *     bias was first trained with, which offsets are divided by less one; 0 for its own windows,
 *     and nothing if that is so in all stages
 * @param mlpRatio hidden width of the MLP over {@code embedDim}
 * @param qkvBias whether queries and values (not keys) have a bias
 * @param absolutePosition whether a learnable position embedding is added to the tokens
 * @param relativePositionBias learnable bias of attention
 * @param layerScaleInit initial value of the layer scale, 0 for none
 * @param dropPathRate stochastic depth of the last block; grows linearly from 0 over the blocks
 */
public record EncoderConfig(
    EncoderType type,
    int patchSize,
    int embedDim,
    List<Integer> depth,
    List<Integer> numHeads,
    int windowSize,
    int mainNormInterval,
    List<Integer> pretrainedWindowSizes,
    double mlpRatio,
    boolean qkvBias,
    boolean absolutePosition,
    RelativePositionBias relativePositionBias,
    double layerScaleInit,
    double dropPathRate)
    implements Serializable {

  /** Blocks of a stage, or of a decoder: far above any model, and soon built. */
  private static final int MOST_BLOCKS = 1 << 10;

  private static final int MAX_STAGES = 6;

  /** Patches along a side: an array has no more elements than pairs of 215 * 215 + 1 tokens. */
  private static final int MOST_RELATED = 215;

  private static final int LARGEST_WINDOW = 1 << 12;

  public EncoderConfig {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(relativePositionBias, "relativePositionBias");
    requireAtLeastOne("encoder.patch-size", patchSize);
    requireAtLeastOne("encoder.embed-dim", embedDim);
    depth = List.copyOf(depth);
    numHeads = List.copyOf(numHeads);
    depth.forEach(blocks -> requireBlocks("encoder.depth", blocks));
    numHeads.forEach(heads -> requireAtLeastOne("encoder.num-heads", heads));
    switch (type) {
      case VIT -> requireOneStage(depth, numHeads, windowSize);
      case SWIN, SWINV2 -> requireStages(depth, numHeads, windowSize);
      case RESNET -> requireResNet(patchSize, depth, numHeads, windowSize, absolutePosition);
    }
    if (type != EncoderType.VIT
        && (relativePositionBias != RelativePositionBias.NONE || layerScaleInit != 0)) {
      throw new IllegalArgumentException(
          "encoder.relative-position-bias and encoder.layer-scale-init are for a vit; with %s they must be none and 0: %s, %s"
              .formatted(KebabCase.of(type), KebabCase.of(relativePositionBias), layerScaleInit));
    }
    if (mainNormInterval < 0 || (mainNormInterval > 0 && type != EncoderType.SWINV2)) {
      throw new IllegalArgumentException(
          "encoder.main-norm-interval must be 0, or with swinv2 at least 1: " + mainNormInterval);
    }
    pretrainedWindowSizes =
        pretrainedWindowSizes.stream().allMatch(size -> size == 0)
            ? List.of()
            : List.copyOf(pretrainedWindowSizes);
    requirePretrained(type, depth, pretrainedWindowSizes);
    for (int stage = 0; stage < numHeads.size(); stage++) {
      if ((embedDim << stage) % numHeads.get(stage) != 0) {
        throw new IllegalArgumentException(
            "encoder.num-heads must divide encoder.embed-dim %d: %d"
                .formatted(embedDim << stage, numHeads.get(stage)));
      }
    }
    requireShares(embedDim, mlpRatio, layerScaleInit, dropPathRate);
  }

  private static void requirePretrained(
      EncoderType type, List<Integer> depth, List<Integer> sizes) {
    if (sizes.isEmpty()) {
      return;
    }
    if (type != EncoderType.SWINV2) {
      throw new IllegalArgumentException(
          "encoder.pretrained-window-sizes is for a swinv2; with %s it must be []: %s"
              .formatted(KebabCase.of(type), sizes));
    }
    if (sizes.size() != depth.size()
        || sizes.stream().anyMatch(size -> size < 0 || size == 1 || size > LARGEST_WINDOW)) {
      throw new IllegalArgumentException(
          "encoder.pretrained-window-sizes must have 0 or 2 to %d for each of %d stages: %s"
              .formatted(LARGEST_WINDOW, depth.size(), sizes));
    }
  }

  private static void requireShares(
      int embedDim, double mlpRatio, double layerScaleInit, double dropPathRate) {
    if (!(mlpRatio > 0 && mlpRatio * embedDim >= 1 && mlpRatio <= 64)) {
      throw new IllegalArgumentException(
          "encoder.mlp-ratio must be above 0 and at most 64: " + mlpRatio);
    }
    if (!(layerScaleInit >= 0 && layerScaleInit <= 1)) {
      throw new IllegalArgumentException(
          "encoder.layer-scale-init must be between 0 (none) and 1: " + layerScaleInit);
    }
    if (!(dropPathRate >= 0 && dropPathRate < 1)) {
      throw new IllegalArgumentException(
          "encoder.drop-path-rate must be at least 0 and below 1: " + dropPathRate);
    }
  }

  /** An encoder whose position bias was trained with its own windows. */
  public EncoderConfig(
      EncoderType type,
      int patchSize,
      int embedDim,
      List<Integer> depth,
      List<Integer> numHeads,
      int windowSize,
      int mainNormInterval,
      double mlpRatio,
      boolean qkvBias,
      boolean absolutePosition,
      RelativePositionBias relativePositionBias,
      double layerScaleInit,
      double dropPathRate) {
    this(
        type,
        patchSize,
        embedDim,
        depth,
        numHeads,
        windowSize,
        mainNormInterval,
        List.of(),
        mlpRatio,
        qkvBias,
        absolutePosition,
        relativePositionBias,
        layerScaleInit,
        dropPathRate);
  }

  /**
   * Of each stage the side of the windows that the position bias was first trained with, 0 for its
   * own, as other code spells it out.
   */
  public List<Integer> spelledPretrainedWindowSizes() {
    return pretrainedWindowSizes.isEmpty()
        ? Collections.nCopies(depth.size(), 0)
        : pretrainedWindowSizes;
  }

  /** Width of the MLP's hidden layer; cut to an integer as in the official code. */
  public int mlpWidth() {
    return (int) (embedDim * mlpRatio);
  }

  /** Blocks of all stages. */
  public int blocks() {
    return depth.stream().mapToInt(Integer::intValue).sum();
  }

  /** Side of an output cell in pixels: each stage after the first halves the resolution. */
  public int stride() {
    return patchSize << (depth.size() - 1);
  }

  /**
   * Checks that images of a size fit.
   *
   * @throws IllegalArgumentException if patches or stages do not divide it, or it has more pairs of
   *     patches than can be told apart by their positions
   */
  public void requireFits(int imageSize) {
    if (imageSize < 1 || imageSize % patchSize != 0) {
      throw new IllegalArgumentException(
          "encoder.patch-size must divide image.size %d: %d".formatted(imageSize, patchSize));
    }
    if (type.isHierarchical() && imageSize % stride() != 0) {
      throw new IllegalArgumentException(
          "image.size must be a multiple of %d, encoder.patch-size %d halved %d times: %d"
              .formatted(stride(), patchSize, depth.size() - 1, imageSize));
    }
    if (type == EncoderType.RESNET && imageSize < 2 * stride()) {
      throw new IllegalArgumentException(
          "image.size must be at least %d with a resnet, whose batch norms need more than one position: %d"
              .formatted(2 * stride(), imageSize));
    }
    requireCountablePairs(imageSize / patchSize);
  }

  /** Each pair of tokens that see each other has a place in one array. */
  private void requireCountablePairs(int grid) {
    if (type.hasWindows() && Math.min(windowSize, grid) > MOST_RELATED) {
      throw new IllegalArgumentException(
          "encoder.window-size must be at most %d: %d".formatted(MOST_RELATED, windowSize));
    }
    if (relativePositionBias != RelativePositionBias.NONE && grid > MOST_RELATED) {
      throw new IllegalArgumentException(
          "image.size must have at most %d patches along a side with encoder.relative-position-bias %s: %d"
              .formatted(MOST_RELATED, KebabCase.of(relativePositionBias), grid));
    }
  }

  /** Whether zeros fill up attention windows that do not divide the patches of a stage. */
  public boolean padsWindows(int imageSize) {
    return type.hasWindows()
        && SwinStage.of(this, imageSize).stream().anyMatch(SwinStage::isPadded);
  }

  private static void requireOneStage(List<Integer> depth, List<Integer> numHeads, int windowSize) {
    if (depth.size() != 1 || numHeads.size() != 1 || windowSize != 0) {
      throw new IllegalArgumentException(
          "a vit has one encoder.depth, one encoder.num-heads and encoder.window-size 0: %s, %s, %d"
              .formatted(depth, numHeads, windowSize));
    }
  }

  private static void requireResNet(
      int patchSize,
      List<Integer> depth,
      List<Integer> numHeads,
      int windowSize,
      boolean absolutePosition) {
    if (depth.isEmpty() || depth.size() > MAX_STAGES) {
      throw new IllegalArgumentException(
          "encoder.depth must have one entry for each of 1 to %d stages: %s"
              .formatted(MAX_STAGES, depth));
    }
    if (patchSize != ResNetEncoder.PATCH
        || !numHeads.isEmpty()
        || windowSize != 0
        || absolutePosition) {
      throw new IllegalArgumentException(
          "a resnet has encoder.patch-size %d, encoder.num-heads [], encoder.window-size 0 and encoder.absolute-position false: %d, %s, %d, %s"
              .formatted(ResNetEncoder.PATCH, patchSize, numHeads, windowSize, absolutePosition));
    }
  }

  private static void requireStages(List<Integer> depth, List<Integer> numHeads, int windowSize) {
    if (depth.isEmpty() || depth.size() > MAX_STAGES || depth.size() != numHeads.size()) {
      throw new IllegalArgumentException(
          "encoder.depth and encoder.num-heads must have one entry for each of 1 to %d stages: %s, %s"
              .formatted(MAX_STAGES, depth, numHeads));
    }
    requireAtLeastOne("encoder.window-size", windowSize);
  }

  /**
   * Checks a number of blocks.
   *
   * @throws IllegalArgumentException if it is not from 1 to {@value #MOST_BLOCKS}
   */
  public static void requireBlocks(String key, int blocks) {
    if (blocks < 1 || blocks > MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "%s must be from 1 to %d: %d".formatted(key, MOST_BLOCKS, blocks));
    }
  }

  private static void requireAtLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s must be at least 1: %d".formatted(key, value));
    }
  }
}
