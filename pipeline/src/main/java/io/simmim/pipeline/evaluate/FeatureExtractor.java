package io.simmim.pipeline.evaluate;

import io.simmim.schemas.TensorChunk;

/** Makes one vector of each image. Thread-safe. */
@FunctionalInterface
public interface FeatureExtractor {
  /**
   * The features of images.
   *
   * @param images at least one, nothing masked
   * @return (m, C)
   */
  float[] features(TensorChunk images);
}
