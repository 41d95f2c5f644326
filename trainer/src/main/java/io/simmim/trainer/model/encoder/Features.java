package io.simmim.trainer.model.encoder;

import java.util.Arrays;

/**
 * What an encoder makes of whole images in evaluation: nothing is masked, nothing dropped, and
 * batch norms take their running statistics, so that an image has the same features in any batch.
 * Both parts are taken behind the encoder's last norm, as timm's {@code forward_features} and
 * transformers' {@code last_hidden_state} are (a ResNet ends without one).
 *
 * @param images B
 * @param side h, cells along one side of the image
 * @param width C
 * @param map (B, h, h, C), a feature for each cell, rows before columns
 * @param classTokens (B, C), or empty if the encoder has no class token
 */
public record Features(int images, int side, int width, float[] map, float[] classTokens) {

  /**
   * Splits what a trunk returns.
   *
   * @param tokens (B, T, C)
   */
  public static Features of(float[] tokens, int images, int side, Trunk trunk) {
    int width = trunk.width();
    int cells = side * side * width;
    int perImage = tokens.length / images;
    int before = trunk.classToken() ? width : 0;
    if (perImage != before + cells || tokens.length != images * perImage) {
      throw new IllegalArgumentException(
          "the tokens of %d images must have %d values each: %d in all"
              .formatted(images, before + cells, tokens.length));
    }
    float[] map = new float[images * cells];
    float[] classTokens = new float[images * before];
    for (int image = 0; image < images; image++) {
      System.arraycopy(tokens, image * perImage, classTokens, image * before, before);
      System.arraycopy(tokens, image * perImage + before, map, image * cells, cells);
    }
    return new Features(images, side, width, map, classTokens);
  }

  /** Whether the encoder has a class token. */
  public boolean hasClassToken() {
    return classTokens.length > 0;
  }

  /** (B, T, C), the class token of each image, if there is one, and its cells. */
  public float[] tokens() {
    int cells = side * side * width;
    int before = classTokens.length / images;
    float[] tokens = new float[classTokens.length + map.length];
    for (int image = 0; image < images; image++) {
      int at = image * (before + cells);
      System.arraycopy(classTokens, image * before, tokens, at, before);
      System.arraycopy(map, image * cells, tokens, at + before, cells);
    }
    return tokens;
  }

  /** (B, C), the mean of each image's cells, without the class token. */
  public float[] mean() {
    int cells = side * side;
    float[] means = new float[images * width];
    double[] sums = new double[width];
    for (int image = 0; image < images; image++) {
      Arrays.fill(sums, 0);
      for (int cell = 0; cell < cells; cell++) {
        for (int c = 0; c < width; c++) {
          sums[c] += map[(image * cells + cell) * width + c];
        }
      }
      for (int c = 0; c < width; c++) {
        means[image * width + c] = (float) (sums[c] / cells);
      }
    }
    return means;
  }
}
