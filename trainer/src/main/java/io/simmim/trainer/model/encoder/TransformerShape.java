package io.simmim.trainer.model.encoder;

/**
 * What a stack of transformer blocks costs follows from these.
 *
 * @param tokens of an image
 * @param width C
 * @param heads of each block
 * @param blocks in the stack
 * @param mlpRatio width of the MLP relative to C
 */
public record TransformerShape(int tokens, int width, int heads, int blocks, double mlpRatio) {}
