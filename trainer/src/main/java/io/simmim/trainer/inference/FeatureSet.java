package io.simmim.trainer.inference;

/**
 * One vector that an encoder makes of an image.
 *
 * @param layer number of the block behind which it is taken, from 1; the last one has the encoder's
 *     last norm behind it
 * @param pooling what of the layer it is
 * @param width C
 */
public record FeatureSet(int layer, Pooling pooling, int width) {
  /** How the tokens of a layer become one vector. */
  public enum Pooling {
    /** The mean of all cells. */
    MEAN,
    /** The class token. */
    CLASS
  }
}
