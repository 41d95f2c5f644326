package io.simmim.pipeline.kubernetes;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.TransformerShape;
import io.simmim.trainer.model.objective.Objective;
import io.simmim.trainer.torch.Precision;

/**
 * What a training step is about to take for each image, by the shape of the model. Meant to be
 * rather too much: of what docs/benchmarks.md has on GPUs and CPUs the memory is 0.8 to 2 times.
 *
 * @param activationBytes memory between forward and backward pass
 * @param operations multiplications and additions of both passes
 */
public record StepEstimate(double activationBytes, double operations) {
  /** Numbers of a token's width that a transformer block keeps for the backward pass. */
  private static final int KEPT_PER_BLOCK = 20;

  /** Attention weights kept, for each pair of tokens and head: scores, softmax, gradient. */
  private static final int KEPT_PER_PAIR = 3;

  /** The same for the positions of a bottleneck: its convolutions, norms and activations. */
  private static final int KEPT_PER_BOTTLENECK = 18;

  /** Of what fp32 keeps: the residual stream stays in fp32. */
  private static final double BF16_SHARE = 0.6;

  /** Measured for ViT-B and Swin-B (docs/benchmarks.md). */
  private static final double RECOMPUTE_SHARE = 1 / 3.0;

  /** Forward, and backward for inputs and weights. */
  private static final int PASSES = 3;

  /** Works it out. */
  public static StepEstimate of(SimmimConfig config) {
    EncoderConfig encoder = config.encoder();
    Objective objective = Objective.of(config.objective());
    double share = objective.seenShare(config.mask().ratio());
    StepEstimate sum =
        objective
            .behind(encoder, config.image().size())
            .map(StepEstimate::transformer)
            .orElse(new StepEstimate(0, 0));
    for (int stage = 0; stage < encoder.depth().size(); stage++) {
      double tokens = share * square(config.image().size() / (encoder.patchSize() << stage));
      int width = encoder.embedDim() << stage;
      int blocks = encoder.depth().get(stage);
      double window = encoder.type().hasWindows() ? square(encoder.windowSize()) : tokens;
      sum =
          sum.plus(
              encoder.type() == EncoderType.RESNET
                  ? bottlenecks(tokens, width, blocks)
                  : transformer(
                      tokens,
                      Math.min(window, tokens),
                      width,
                      encoder.numHeads().get(stage),
                      blocks,
                      encoder.mlpRatio()));
    }
    boolean recompute = config.training().recompute();
    boolean bf16 = config.training().precision() == Precision.BF16;
    return new StepEstimate(
        sum.activationBytes * (recompute ? RECOMPUTE_SHARE : 1) * (bf16 ? BF16_SHARE : 1),
        // What is computed anew costs another forward pass.
        sum.operations * (recompute ? (PASSES + 1.0) / PASSES : 1));
  }

  private static StepEstimate transformer(TransformerShape shape) {
    return transformer(
        shape.tokens(),
        shape.tokens(),
        shape.width(),
        shape.heads(),
        shape.blocks(),
        shape.mlpRatio());
  }

  private static StepEstimate transformer(
      double tokens, double seen, int width, int heads, int blocks, double mlpRatio) {
    double numbers = KEPT_PER_BLOCK * tokens * width + KEPT_PER_PAIR * heads * tokens * seen;
    double products = tokens * width * width * (4 + 2 * mlpRatio) + 2 * tokens * seen * width;
    return new StepEstimate(Float.BYTES * numbers * blocks, 2 * PASSES * products * blocks);
  }

  /** A bottleneck has two products with 1 x 1 positions and one with 3 x 3. */
  private static StepEstimate bottlenecks(double positions, int width, int blocks) {
    double products = 17.0 * positions * width * width;
    return new StepEstimate(
        (double) Float.BYTES * KEPT_PER_BOTTLENECK * positions * width * blocks,
        2 * PASSES * products * blocks);
  }

  private StepEstimate plus(StepEstimate other) {
    return new StepEstimate(activationBytes + other.activationBytes, operations + other.operations);
  }

  private static double square(int side) {
    return (double) side * side;
  }
}
