package io.simmim.pipeline.embed;

import io.simmim.trainer.model.encoder.Features;
import java.util.Arrays;

/** Which features of an image are kept. */
public enum FeatureKind {
  /** The mean of all cells, (C). */
  MEAN,
  /** The class token, (C). */
  CLASS,
  /** A vector for each cell, (h, h, C). */
  MAP;

  /** Those of all images, one after the other. */
  float[] of(Features features) {
    return switch (this) {
      case MEAN -> features.mean();
      case CLASS -> features.classTokens();
      case MAP -> features.map();
    };
  }

  /** Those of one of them. */
  static float[] ofImage(float[] all, int image, int images) {
    int values = all.length / images;
    return Arrays.copyOfRange(all, image * values, (image + 1) * values);
  }
}
