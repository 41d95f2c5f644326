package io.simmim.trainer.inference;

import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.Optional;

/**
 * What a classifier looks at, and what it says: the mean of the cells with the norm behind it, the
 * class token, or else the mean of the cells; then a linear layer. Computed on the host, for some
 * images.
 */
public final class LinearClassifier {
  private static final String NORM = "encoder.norm.";
  private static final String HEAD = "head.";

  private final ModelConfig model;
  private final Optional<Affine> norm;
  private final Affine head;

  private record Affine(float[] weight, float[] bias) {
    static Affine read(NamedTensors weights, String name) throws IOException {
      return new Affine(weights.read(name + "weight"), weights.read(name + "bias"));
    }
  }

  private LinearClassifier(ModelConfig model, Optional<Affine> norm, Affine head) {
    this.model = model;
    this.norm = norm;
    this.head = head;
  }

  /**
   * Reads it.
   *
   * @param model the encoder
   * @param weights under the official names of a model that is pre-trained, with {@code head.}; if
   *     that is missing, there are no classes
   */
  public static LinearClassifier read(ModelConfig model, NamedTensors weights) throws IOException {
    boolean classifies = weights.shapes().containsKey(HEAD + "weight");
    return new LinearClassifier(
        model,
        model.norms().behindPooling() ? Optional.of(Affine.read(weights, NORM)) : Optional.empty(),
        classifies ? Affine.read(weights, HEAD) : new Affine(new float[0], new float[0]));
  }

  /** (B, C): what is looked at. */
  public float[] pooled(Features features) {
    if (norm.isPresent()) {
      return normalised(features.mean(), features.width(), norm.get());
    }
    return features.hasClassToken() ? features.classTokens() : features.mean();
  }

  private float[] normalised(float[] rows, int width, Affine affine) {
    float[] result = new float[rows.length];
    for (int row = 0; row < rows.length; row += width) {
      double sum = 0;
      double squares = 0;
      for (int i = row; i < row + width; i++) {
        sum += rows[i];
      }
      double mean = sum / width;
      for (int i = row; i < row + width; i++) {
        squares += (rows[i] - mean) * (rows[i] - mean);
      }
      double deviation = Math.sqrt(squares / width + model.norms().epsilon());
      for (int i = 0; i < width; i++) {
        double unit = (rows[row + i] - mean) / deviation;
        result[row + i] = (float) (unit * affine.weight()[i] + affine.bias()[i]);
      }
    }
    return result;
  }

  /** (B, classes). */
  public float[] logits(Features features) {
    float[] pooled = pooled(features);
    int width = features.width();
    int classes = head.bias().length;
    float[] result = new float[features.images() * classes];
    for (int i = 0; i < result.length; i++) {
      int row = i / classes * width;
      int column = i % classes * width;
      double sum = head.bias()[i % classes];
      for (int c = 0; c < width; c++) {
        sum += (double) pooled[row + c] * head.weight()[column + c];
      }
      result[i] = (float) sum;
    }
    return result;
  }
}
